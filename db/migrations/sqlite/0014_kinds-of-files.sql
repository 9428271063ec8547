DROP INDEX `files_owner`;--> statement-breakpoint
CREATE INDEX `files_held` ON `files` (`owner_id`,`size`);--> statement-breakpoint
CREATE INDEX `files_stored` ON `files` (`stored_as`);--> statement-breakpoint
CREATE INDEX `files_owner` ON `files` (`owner_id`,`created_at`,`id`) WHERE kind = 'upload';