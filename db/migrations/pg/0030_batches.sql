CREATE TABLE "batch_runs" (
	"batch" bigint NOT NULL,
	"place" bigint NOT NULL,
	"input" json,
	"prediction" bigint,
	"base" bigint,
	"refusal" text,
	CONSTRAINT "batch_runs_batch_place_pk" PRIMARY KEY("batch","place")
);
--> statement-breakpoint
CREATE TABLE "batches" (
	"number" bigserial PRIMARY KEY NOT NULL,
	"id" text NOT NULL,
	"owner_id" bigint NOT NULL,
	"created_by" bigint NOT NULL,
	"model_id" bigint NOT NULL,
	"version" text NOT NULL,
	"kind" text NOT NULL,
	"total" bigint NOT NULL,
	"next" bigint NOT NULL,
	"usd_limit" text,
	"site" text NOT NULL,
	"created_at" text NOT NULL,
	"stopped_at" text,
	"stop_reason" text
);
--> statement-breakpoint
ALTER TABLE "batch_runs" ADD CONSTRAINT "batch_runs_batch_batches_number_fk" FOREIGN KEY ("batch") REFERENCES "public"."batches"("number") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "batch_runs" ADD CONSTRAINT "batch_runs_prediction_predictions_number_fk" FOREIGN KEY ("prediction") REFERENCES "public"."predictions"("number") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "batch_runs" ADD CONSTRAINT "batch_runs_base_predictions_number_fk" FOREIGN KEY ("base") REFERENCES "public"."predictions"("number") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "batches" ADD CONSTRAINT "batches_owner_id_owners_id_fk" FOREIGN KEY ("owner_id") REFERENCES "public"."owners"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "batches" ADD CONSTRAINT "batches_created_by_owners_id_fk" FOREIGN KEY ("created_by") REFERENCES "public"."owners"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "batch_runs_prediction" ON "batch_runs" USING btree ("prediction");--> statement-breakpoint
CREATE UNIQUE INDEX "batches_id" ON "batches" USING btree ("id");--> statement-breakpoint
CREATE INDEX "batches_owner" ON "batches" USING btree ("owner_id","created_at","number");