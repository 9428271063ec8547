ALTER TABLE "runners" ADD COLUMN "architecture" text;--> statement-breakpoint
ALTER TABLE "versions" ADD COLUMN "architecture" text;