CREATE TABLE `blobs` (
	`digest` text PRIMARY KEY NOT NULL,
	`size` integer NOT NULL,
	`file` text NOT NULL,
	`created_at` text NOT NULL
);
--> statement-breakpoint
CREATE TABLE `create_on_push` (
	`owner_id` integer PRIMARY KEY NOT NULL,
	`hardware` text NOT NULL,
	FOREIGN KEY (`owner_id`) REFERENCES `owners`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`hardware`) REFERENCES `hardware`(`sku`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE TABLE `manifest_parts` (
	`model_id` integer NOT NULL,
	`manifest` text NOT NULL,
	`digest` text NOT NULL,
	`kind` text NOT NULL,
	PRIMARY KEY(`model_id`, `manifest`, `digest`),
	FOREIGN KEY (`model_id`,`manifest`) REFERENCES `manifests`(`model_id`,`digest`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `manifest_parts_digest` ON `manifest_parts` (`model_id`,`digest`);--> statement-breakpoint
CREATE TABLE `manifests` (
	`model_id` integer NOT NULL,
	`digest` text NOT NULL,
	`media_type` text NOT NULL,
	`body` text NOT NULL,
	`size` integer NOT NULL,
	`artifact_type` text,
	`annotations` text,
	`subject` text,
	`created_at` text NOT NULL,
	PRIMARY KEY(`model_id`, `digest`),
	FOREIGN KEY (`model_id`) REFERENCES `models`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `manifests_subject` ON `manifests` (`model_id`,`subject`);--> statement-breakpoint
CREATE TABLE `model_blobs` (
	`model_id` integer NOT NULL,
	`digest` text NOT NULL,
	`linked_at` text NOT NULL,
	PRIMARY KEY(`model_id`, `digest`),
	FOREIGN KEY (`model_id`) REFERENCES `models`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`digest`) REFERENCES `blobs`(`digest`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE INDEX `model_blobs_digest` ON `model_blobs` (`digest`);--> statement-breakpoint
CREATE TABLE `tags` (
	`model_id` integer NOT NULL,
	`name` text NOT NULL,
	`digest` text NOT NULL,
	`moved_at` text NOT NULL,
	PRIMARY KEY(`model_id`, `name`),
	FOREIGN KEY (`model_id`,`digest`) REFERENCES `manifests`(`model_id`,`digest`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `tags_digest` ON `tags` (`model_id`,`digest`);--> statement-breakpoint
CREATE TABLE `uploads` (
	`id` text PRIMARY KEY NOT NULL,
	`model_id` integer NOT NULL,
	`owner_id` integer NOT NULL,
	`started_at` text NOT NULL,
	FOREIGN KEY (`model_id`) REFERENCES `models`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`owner_id`) REFERENCES `owners`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
ALTER TABLE `tokens` ADD `model_id` integer REFERENCES models(id);--> statement-breakpoint
ALTER TABLE `versions` ADD `cog_config` text;--> statement-breakpoint
ALTER TABLE `versions` ADD `labels` text;--> statement-breakpoint
ALTER TABLE `versions` ADD `revision` text;--> statement-breakpoint
ALTER TABLE `versions` ADD `size` integer;--> statement-breakpoint
ALTER TABLE `versions` ADD `layers` integer;