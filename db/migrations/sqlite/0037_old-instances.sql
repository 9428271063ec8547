PRAGMA foreign_keys=OFF;--> statement-breakpoint
CREATE TABLE `__new_usage` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`owner_id` integer,
	`token_id` integer,
	`instance_id` text NOT NULL,
	`pool` text NOT NULL,
	`model_id` integer NOT NULL,
	`prediction` integer,
	`hardware` text NOT NULL,
	`phase` text NOT NULL,
	`started_at` text NOT NULL,
	`ended_at` text NOT NULL,
	`microseconds` integer NOT NULL,
	`usd_per_second` text NOT NULL,
	`usd` text NOT NULL,
	FOREIGN KEY (`owner_id`) REFERENCES `owners`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`prediction`) REFERENCES `predictions`(`number`) ON UPDATE no action ON DELETE set null
);
--> statement-breakpoint
INSERT INTO `__new_usage`("id", "owner_id", "token_id", "instance_id", "pool", "model_id", "prediction", "hardware", "phase", "started_at", "ended_at", "microseconds", "usd_per_second", "usd") SELECT "id", "owner_id", "token_id", "instance_id", "pool", "model_id", "prediction", "hardware", "phase", "started_at", "ended_at", "microseconds", "usd_per_second", "usd" FROM `usage`;--> statement-breakpoint
DROP TABLE `usage`;--> statement-breakpoint
ALTER TABLE `__new_usage` RENAME TO `usage`;--> statement-breakpoint
PRAGMA foreign_keys=ON;--> statement-breakpoint
CREATE INDEX `usage_owner` ON `usage` (`owner_id`,`started_at`,`id`);--> statement-breakpoint
CREATE INDEX `usage_instance` ON `usage` (`instance_id`,`started_at`);--> statement-breakpoint
CREATE INDEX `usage_prediction` ON `usage` (`prediction`);--> statement-breakpoint
CREATE INDEX `instances_stopped` ON `instances` (`stopped_at`) WHERE stopped_at is not null;