ALTER TABLE "deployments" ADD COLUMN "rollout_since" text;--> statement-breakpoint
ALTER TABLE "pools" ADD COLUMN "yields_to" text;