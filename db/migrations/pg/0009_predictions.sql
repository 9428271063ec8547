CREATE TABLE "files" (
	"id" text PRIMARY KEY NOT NULL,
	"owner_id" bigint NOT NULL,
	"kind" text NOT NULL,
	"prediction" bigint,
	"name" text NOT NULL,
	"content_type" text NOT NULL,
	"size" bigint NOT NULL,
	"sha256" text NOT NULL,
	"md5" text NOT NULL,
	"metadata" jsonb NOT NULL,
	"secret" text,
	"stored_as" text NOT NULL,
	"created_at" text NOT NULL,
	"expires_at" text
);
--> statement-breakpoint
CREATE TABLE "instances" (
	"id" text PRIMARY KEY NOT NULL,
	"pool" text NOT NULL,
	"ordinal" bigint NOT NULL,
	"runner" text NOT NULL,
	"engine" text NOT NULL,
	"hardware" text NOT NULL,
	"state" text NOT NULL,
	"slots" bigint NOT NULL,
	"reason" text,
	"detail" text,
	"setup_log" text NOT NULL,
	"cog_version" text,
	"created_at" text NOT NULL,
	"ready_at" text,
	"idle_since" text,
	"stopped_at" text
);
--> statement-breakpoint
CREATE TABLE "pools" (
	"key" text PRIMARY KEY NOT NULL,
	"model_id" bigint NOT NULL,
	"version" text NOT NULL,
	"hardware" text NOT NULL,
	"min_instances" bigint NOT NULL,
	"max_instances" bigint NOT NULL,
	"idle_seconds" bigint,
	"failures" bigint NOT NULL,
	"retry_at" text,
	"paused_at" text,
	"failure" text,
	"boot_seconds" jsonb NOT NULL,
	"run_seconds" jsonb NOT NULL,
	"used_at" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "runners" (
	"id" text PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"token_hash" text,
	"capacity" jsonb NOT NULL,
	"engines" jsonb NOT NULL,
	"created_at" text NOT NULL,
	"seen_at" text,
	"revoked_at" text
);
--> statement-breakpoint
CREATE TABLE "usage" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"owner_id" bigint NOT NULL,
	"token_id" bigint,
	"instance_id" text NOT NULL,
	"pool" text NOT NULL,
	"model_id" bigint NOT NULL,
	"prediction" bigint,
	"hardware" text NOT NULL,
	"phase" text NOT NULL,
	"started_at" text NOT NULL,
	"ended_at" text NOT NULL,
	"microseconds" bigint NOT NULL,
	"usd_per_second" text NOT NULL,
	"usd" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "examples" (
	"model_id" bigint NOT NULL,
	"prediction" bigint NOT NULL,
	"position" bigint NOT NULL,
	"is_default" boolean NOT NULL,
	"added_at" text NOT NULL,
	CONSTRAINT "examples_model_id_prediction_pk" PRIMARY KEY("model_id","prediction")
);
--> statement-breakpoint
CREATE TABLE "predictions" (
	"number" bigserial PRIMARY KEY NOT NULL,
	"id" text NOT NULL,
	"owner_id" bigint NOT NULL,
	"created_by" bigint NOT NULL,
	"token_id" bigint,
	"model_id" bigint NOT NULL,
	"version" text NOT NULL,
	"operation" text NOT NULL,
	"deployment_id" bigint,
	"destination_id" bigint,
	"pool" text NOT NULL,
	"status" text NOT NULL,
	"input" json,
	"output" json,
	"error" text,
	"logs" text NOT NULL,
	"metrics" jsonb,
	"source" text NOT NULL,
	"webhook" text,
	"webhook_events_filter" jsonb,
	"streams" boolean NOT NULL,
	"instance_id" text,
	"claimed_at" text,
	"begun" boolean NOT NULL,
	"cancel_requested_at" text,
	"deadline" text,
	"created_at" text NOT NULL,
	"started_at" text,
	"completed_at" text,
	"expires_at" text,
	"kept" boolean NOT NULL,
	"data_removed" boolean NOT NULL
);
--> statement-breakpoint
CREATE TABLE "deliveries" (
	"id" text PRIMARY KEY NOT NULL,
	"owner_id" bigint NOT NULL,
	"prediction" bigint NOT NULL,
	"event" text NOT NULL,
	"url" text NOT NULL,
	"body" text,
	"attempts" bigint NOT NULL,
	"next_attempt_at" text,
	"leased_until" text,
	"status" bigint,
	"error" text,
	"created_at" text NOT NULL,
	"delivered_at" text
);
--> statement-breakpoint
ALTER TABLE "versions" ADD COLUMN "bundled" text;--> statement-breakpoint
ALTER TABLE "webhook_secrets" ADD COLUMN "previous_key" text;--> statement-breakpoint
ALTER TABLE "webhook_secrets" ADD COLUMN "rotated_at" text;--> statement-breakpoint
ALTER TABLE "files" ADD CONSTRAINT "files_owner_id_owners_id_fk" FOREIGN KEY ("owner_id") REFERENCES "public"."owners"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "files" ADD CONSTRAINT "files_prediction_predictions_number_fk" FOREIGN KEY ("prediction") REFERENCES "public"."predictions"("number") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "instances" ADD CONSTRAINT "instances_pool_pools_key_fk" FOREIGN KEY ("pool") REFERENCES "public"."pools"("key") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "instances" ADD CONSTRAINT "instances_runner_runners_id_fk" FOREIGN KEY ("runner") REFERENCES "public"."runners"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "pools" ADD CONSTRAINT "pools_model_id_models_id_fk" FOREIGN KEY ("model_id") REFERENCES "public"."models"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "usage" ADD CONSTRAINT "usage_owner_id_owners_id_fk" FOREIGN KEY ("owner_id") REFERENCES "public"."owners"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "usage" ADD CONSTRAINT "usage_instance_id_instances_id_fk" FOREIGN KEY ("instance_id") REFERENCES "public"."instances"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "usage" ADD CONSTRAINT "usage_prediction_predictions_number_fk" FOREIGN KEY ("prediction") REFERENCES "public"."predictions"("number") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "examples" ADD CONSTRAINT "examples_model_id_models_id_fk" FOREIGN KEY ("model_id") REFERENCES "public"."models"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "examples" ADD CONSTRAINT "examples_prediction_predictions_number_fk" FOREIGN KEY ("prediction") REFERENCES "public"."predictions"("number") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "predictions" ADD CONSTRAINT "predictions_owner_id_owners_id_fk" FOREIGN KEY ("owner_id") REFERENCES "public"."owners"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "predictions" ADD CONSTRAINT "predictions_created_by_owners_id_fk" FOREIGN KEY ("created_by") REFERENCES "public"."owners"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "predictions" ADD CONSTRAINT "predictions_token_id_tokens_id_fk" FOREIGN KEY ("token_id") REFERENCES "public"."tokens"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "predictions" ADD CONSTRAINT "predictions_model_id_models_id_fk" FOREIGN KEY ("model_id") REFERENCES "public"."models"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "predictions" ADD CONSTRAINT "predictions_destination_id_models_id_fk" FOREIGN KEY ("destination_id") REFERENCES "public"."models"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "deliveries" ADD CONSTRAINT "deliveries_owner_id_owners_id_fk" FOREIGN KEY ("owner_id") REFERENCES "public"."owners"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "deliveries" ADD CONSTRAINT "deliveries_prediction_predictions_number_fk" FOREIGN KEY ("prediction") REFERENCES "public"."predictions"("number") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "files_secret" ON "files" USING btree ("secret");--> statement-breakpoint
CREATE INDEX "files_owner" ON "files" USING btree ("owner_id","created_at","id") WHERE kind = 'input';--> statement-breakpoint
CREATE INDEX "files_prediction" ON "files" USING btree ("prediction");--> statement-breakpoint
CREATE INDEX "files_expiry" ON "files" USING btree ("expires_at") WHERE expires_at is not null;--> statement-breakpoint
CREATE UNIQUE INDEX "instances_ordinal" ON "instances" USING btree ("pool","ordinal") WHERE stopped_at is null;--> statement-breakpoint
CREATE INDEX "instances_live" ON "instances" USING btree ("runner","id") WHERE stopped_at is null;--> statement-breakpoint
CREATE INDEX "instances_pool" ON "instances" USING btree ("pool","created_at");--> statement-breakpoint
CREATE UNIQUE INDEX "runners_token" ON "runners" USING btree ("token_hash");--> statement-breakpoint
CREATE INDEX "usage_owner" ON "usage" USING btree ("owner_id","started_at","id");--> statement-breakpoint
CREATE INDEX "usage_instance" ON "usage" USING btree ("instance_id","started_at");--> statement-breakpoint
CREATE INDEX "usage_prediction" ON "usage" USING btree ("prediction");--> statement-breakpoint
CREATE UNIQUE INDEX "predictions_id" ON "predictions" USING btree ("id");--> statement-breakpoint
CREATE INDEX "predictions_queue" ON "predictions" USING btree ("pool","created_at","number") WHERE status = 'starting' and instance_id is null;--> statement-breakpoint
CREATE INDEX "predictions_running" ON "predictions" USING btree ("instance_id") WHERE completed_at is null and instance_id is not null;--> statement-breakpoint
CREATE INDEX "predictions_unfinished" ON "predictions" USING btree ("owner_id","token_id") WHERE completed_at is null;--> statement-breakpoint
CREATE INDEX "predictions_deadline" ON "predictions" USING btree ("deadline") WHERE completed_at is null and deadline is not null;--> statement-breakpoint
CREATE INDEX "predictions_expiry" ON "predictions" USING btree ("expires_at") WHERE expires_at is not null and not data_removed;--> statement-breakpoint
CREATE INDEX "predictions_owner" ON "predictions" USING btree ("owner_id","operation","created_at","number");--> statement-breakpoint
CREATE INDEX "predictions_model" ON "predictions" USING btree ("model_id","version","created_at","number");--> statement-breakpoint
CREATE INDEX "deliveries_due" ON "deliveries" USING btree ("next_attempt_at") WHERE next_attempt_at is not null;--> statement-breakpoint
CREATE INDEX "deliveries_owner" ON "deliveries" USING btree ("owner_id","created_at","id");--> statement-breakpoint
CREATE INDEX "deliveries_prediction" ON "deliveries" USING btree ("prediction");