ALTER TABLE "uploads" ADD COLUMN "size" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "uploads" ADD COLUMN "written_at" text DEFAULT '' NOT NULL;--> statement-breakpoint
CREATE INDEX "manifests_sizes" ON "manifests" USING btree ("model_id","size");--> statement-breakpoint
CREATE INDEX "manifests_age" ON "manifests" USING btree ("created_at");