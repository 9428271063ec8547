ALTER TABLE "predictions" DROP CONSTRAINT "predictions_model_id_models_id_fk";
--> statement-breakpoint
ALTER TABLE "pools" ADD COLUMN "emptied_at" text;