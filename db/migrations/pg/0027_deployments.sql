CREATE TABLE "deployments" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"owner_id" bigint NOT NULL,
	"name" text NOT NULL,
	"current" bigint NOT NULL,
	"serving" bigint NOT NULL,
	"rollout" text NOT NULL,
	"rollout_detail" text,
	"canary_percent" bigint,
	"canary_minutes" bigint,
	"canary_since" text,
	"follows" text,
	"queue_limit" bigint,
	"run_limit_minutes" bigint,
	"monthly_cap_usd" text,
	"schedule" jsonb NOT NULL,
	"paused_at" text,
	"paused_reason" text,
	"created_by" bigint NOT NULL,
	"created_at" text NOT NULL,
	"updated_at" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "releases" (
	"deployment_id" bigint NOT NULL,
	"number" bigint NOT NULL,
	"model_id" bigint NOT NULL,
	"model" text NOT NULL,
	"version" text NOT NULL,
	"hardware" text NOT NULL,
	"min_instances" bigint NOT NULL,
	"max_instances" bigint NOT NULL,
	"idle_seconds" bigint,
	"pool" text NOT NULL,
	"rollback_of" bigint,
	"failed" boolean NOT NULL,
	"created_by" bigint NOT NULL,
	"created_at" text NOT NULL,
	CONSTRAINT "releases_deployment_id_number_pk" PRIMARY KEY("deployment_id","number")
);
--> statement-breakpoint
ALTER TABLE "pools" ADD COLUMN "owner_id" bigint;--> statement-breakpoint
ALTER TABLE "pools" ADD COLUMN "warm_instances" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "pools" ADD COLUMN "warm_until" text;--> statement-breakpoint
ALTER TABLE "pools" ADD COLUMN "run_limit_minutes" bigint;--> statement-breakpoint
ALTER TABLE "pools" ADD COLUMN "retired_at" text;--> statement-breakpoint
ALTER TABLE "predictions" ADD COLUMN "deployment" text;--> statement-breakpoint
ALTER TABLE "deployments" ADD CONSTRAINT "deployments_owner_id_owners_id_fk" FOREIGN KEY ("owner_id") REFERENCES "public"."owners"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "deployments" ADD CONSTRAINT "deployments_created_by_owners_id_fk" FOREIGN KEY ("created_by") REFERENCES "public"."owners"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "releases" ADD CONSTRAINT "releases_deployment_id_deployments_id_fk" FOREIGN KEY ("deployment_id") REFERENCES "public"."deployments"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "releases" ADD CONSTRAINT "releases_created_by_owners_id_fk" FOREIGN KEY ("created_by") REFERENCES "public"."owners"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "deployments_name" ON "deployments" USING btree ("owner_id","name");--> statement-breakpoint
CREATE INDEX "deployments_owner" ON "deployments" USING btree ("owner_id","created_at","id");--> statement-breakpoint
CREATE INDEX "releases_version" ON "releases" USING btree ("model_id","version");--> statement-breakpoint
ALTER TABLE "pools" ADD CONSTRAINT "pools_owner_id_owners_id_fk" FOREIGN KEY ("owner_id") REFERENCES "public"."owners"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "predictions_deployment" ON "predictions" USING btree ("deployment_id","created_at","number") WHERE deployment_id is not null;