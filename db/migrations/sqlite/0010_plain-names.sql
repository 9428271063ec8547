ALTER TABLE `attempts` RENAME TO `rate_limits`;--> statement-breakpoint
ALTER TABLE `collection_models` RENAME COLUMN `place` TO `position`;--> statement-breakpoint
ALTER TABLE `models` RENAME COLUMN `presented` TO `cached_json`;--> statement-breakpoint
ALTER TABLE `models` RENAME COLUMN `taken_at` TO `pulled_at`;--> statement-breakpoint
DROP INDEX `models_unpresented`;--> statement-breakpoint
CREATE INDEX `models_uncached` ON `models` (`id`) WHERE cached_json is null;
