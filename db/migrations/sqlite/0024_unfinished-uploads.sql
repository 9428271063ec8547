ALTER TABLE `uploads` ADD `size` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `uploads` ADD `written_at` text DEFAULT '' NOT NULL;--> statement-breakpoint
CREATE INDEX `manifests_sizes` ON `manifests` (`model_id`,`size`);--> statement-breakpoint
CREATE INDEX `manifests_age` ON `manifests` (`created_at`);