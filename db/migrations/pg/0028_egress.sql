ALTER TABLE "instances" ADD COLUMN "egress" text DEFAULT 'none' NOT NULL;--> statement-breakpoint
ALTER TABLE "models" ADD COLUMN "egress_asked_at" text;--> statement-breakpoint
ALTER TABLE "models" ADD COLUMN "egress_allowed_at" text;