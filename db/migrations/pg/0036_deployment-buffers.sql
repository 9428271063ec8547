ALTER TABLE "deployments" ADD COLUMN "setup_limit_minutes" bigint;--> statement-breakpoint
ALTER TABLE "releases" ADD COLUMN "buffer_instances" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "pools" ADD COLUMN "buffer_instances" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "pools" ADD COLUMN "setup_limit_minutes" bigint;