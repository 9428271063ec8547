ALTER TABLE `batches` RENAME COLUMN `site` TO `origin`;--> statement-breakpoint
ALTER TABLE `predictions` RENAME COLUMN `site` TO `origin`;--> statement-breakpoint
UPDATE `events` SET `action` = 'installation.changed' WHERE `action` = 'instance.changed';--> statement-breakpoint
DROP INDEX `events_instance`;--> statement-breakpoint
CREATE INDEX `events_installation` ON `events` (`created_at`,`id`) WHERE owner_id is null;