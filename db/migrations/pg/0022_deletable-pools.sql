ALTER TABLE "pools" DROP CONSTRAINT "pools_model_id_models_id_fk";
