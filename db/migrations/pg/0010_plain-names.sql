ALTER TABLE "attempts" RENAME TO "rate_limits";--> statement-breakpoint
ALTER TABLE "collection_models" RENAME COLUMN "place" TO "position";--> statement-breakpoint
ALTER TABLE "models" RENAME COLUMN "presented" TO "cached_json";--> statement-breakpoint
ALTER TABLE "models" RENAME COLUMN "taken_at" TO "pulled_at";--> statement-breakpoint
ALTER INDEX "models_unpresented" RENAME TO "models_uncached";--> statement-breakpoint
ALTER INDEX "attempts_pkey" RENAME TO "rate_limits_pkey";--> statement-breakpoint
ALTER SEQUENCE "collection_models_place_seq" RENAME TO "collection_models_position_seq";
