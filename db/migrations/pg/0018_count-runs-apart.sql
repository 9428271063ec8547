-- Kept JSON leaves the number of runs out from here on; it is written anew after the start.
UPDATE "models" SET "cached_json" = NULL;
