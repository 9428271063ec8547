CREATE TABLE `former_names` (
	`owner_id` integer NOT NULL,
	`name` text NOT NULL,
	`model_id` integer NOT NULL,
	`left_at` text NOT NULL,
	PRIMARY KEY(`owner_id`, `name`),
	FOREIGN KEY (`owner_id`) REFERENCES `owners`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`model_id`) REFERENCES `models`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `former_names_model` ON `former_names` (`model_id`);--> statement-breakpoint
CREATE TABLE `transfers` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`model_id` integer NOT NULL,
	`from_id` integer NOT NULL,
	`to_id` integer NOT NULL,
	`offered_by` integer NOT NULL,
	`created_at` text NOT NULL,
	`ended_at` text,
	`outcome` text,
	FOREIGN KEY (`model_id`) REFERENCES `models`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`from_id`) REFERENCES `owners`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`to_id`) REFERENCES `owners`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`offered_by`) REFERENCES `owners`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE UNIQUE INDEX `transfers_open` ON `transfers` (`model_id`) WHERE ended_at is null;--> statement-breakpoint
CREATE INDEX `transfers_model` ON `transfers` (`model_id`,`id`);--> statement-breakpoint
CREATE INDEX `transfers_to` ON `transfers` (`to_id`,`id`) WHERE ended_at is null;--> statement-breakpoint
CREATE INDEX `transfers_from` ON `transfers` (`from_id`,`id`) WHERE ended_at is null;--> statement-breakpoint
ALTER TABLE `models` ADD `cover_upload` text;--> statement-breakpoint
CREATE INDEX `models_cover` ON `models` (`cover_upload`) WHERE cover_upload is not null;