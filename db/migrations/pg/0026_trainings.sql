ALTER TABLE "predictions" DROP CONSTRAINT "predictions_destination_id_models_id_fk";
--> statement-breakpoint
ALTER TABLE "predictions" ADD COLUMN "destination" text;--> statement-breakpoint
ALTER TABLE "predictions" ADD COLUMN "cost_limit_usd" text;--> statement-breakpoint
ALTER TABLE "versions" ADD COLUMN "trained" json;--> statement-breakpoint
ALTER TABLE "predictions" ADD CONSTRAINT "predictions_destination_id_models_id_fk" FOREIGN KEY ("destination_id") REFERENCES "public"."models"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "predictions_destination" ON "predictions" USING btree ("destination_id") WHERE destination_id is not null;