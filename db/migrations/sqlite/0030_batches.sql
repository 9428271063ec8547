CREATE TABLE `batch_runs` (
	`batch` integer NOT NULL,
	`place` integer NOT NULL,
	`input` text,
	`prediction` integer,
	`base` integer,
	`refusal` text,
	PRIMARY KEY(`batch`, `place`),
	FOREIGN KEY (`batch`) REFERENCES `batches`(`number`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`prediction`) REFERENCES `predictions`(`number`) ON UPDATE no action ON DELETE set null,
	FOREIGN KEY (`base`) REFERENCES `predictions`(`number`) ON UPDATE no action ON DELETE set null
);
--> statement-breakpoint
CREATE INDEX `batch_runs_prediction` ON `batch_runs` (`prediction`);--> statement-breakpoint
CREATE TABLE `batches` (
	`number` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`id` text NOT NULL,
	`owner_id` integer NOT NULL,
	`created_by` integer NOT NULL,
	`model_id` integer NOT NULL,
	`version` text NOT NULL,
	`kind` text NOT NULL,
	`total` integer NOT NULL,
	`next` integer NOT NULL,
	`usd_limit` text,
	`site` text NOT NULL,
	`created_at` text NOT NULL,
	`stopped_at` text,
	`stop_reason` text,
	FOREIGN KEY (`owner_id`) REFERENCES `owners`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`created_by`) REFERENCES `owners`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE UNIQUE INDEX `batches_id` ON `batches` (`id`);--> statement-breakpoint
CREATE INDEX `batches_owner` ON `batches` (`owner_id`,`created_at`,`number`);