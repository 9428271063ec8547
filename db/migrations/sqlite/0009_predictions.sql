CREATE TABLE `files` (
	`id` text PRIMARY KEY NOT NULL,
	`owner_id` integer NOT NULL,
	`kind` text NOT NULL,
	`prediction` integer,
	`name` text NOT NULL,
	`content_type` text NOT NULL,
	`size` integer NOT NULL,
	`sha256` text NOT NULL,
	`md5` text NOT NULL,
	`metadata` text NOT NULL,
	`secret` text,
	`stored_as` text NOT NULL,
	`created_at` text NOT NULL,
	`expires_at` text,
	FOREIGN KEY (`owner_id`) REFERENCES `owners`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`prediction`) REFERENCES `predictions`(`number`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE UNIQUE INDEX `files_secret` ON `files` (`secret`);--> statement-breakpoint
CREATE INDEX `files_owner` ON `files` (`owner_id`,`created_at`,`id`) WHERE kind = 'input';--> statement-breakpoint
CREATE INDEX `files_prediction` ON `files` (`prediction`);--> statement-breakpoint
CREATE INDEX `files_expiry` ON `files` (`expires_at`) WHERE expires_at is not null;--> statement-breakpoint
CREATE TABLE `instances` (
	`id` text PRIMARY KEY NOT NULL,
	`pool` text NOT NULL,
	`ordinal` integer NOT NULL,
	`runner` text NOT NULL,
	`engine` text NOT NULL,
	`hardware` text NOT NULL,
	`state` text NOT NULL,
	`slots` integer NOT NULL,
	`reason` text,
	`detail` text,
	`setup_log` text NOT NULL,
	`cog_version` text,
	`created_at` text NOT NULL,
	`ready_at` text,
	`idle_since` text,
	`stopped_at` text,
	FOREIGN KEY (`pool`) REFERENCES `pools`(`key`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`runner`) REFERENCES `runners`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE UNIQUE INDEX `instances_ordinal` ON `instances` (`pool`,`ordinal`) WHERE stopped_at is null;--> statement-breakpoint
CREATE INDEX `instances_live` ON `instances` (`runner`,`id`) WHERE stopped_at is null;--> statement-breakpoint
CREATE INDEX `instances_pool` ON `instances` (`pool`,`created_at`);--> statement-breakpoint
CREATE TABLE `pools` (
	`key` text PRIMARY KEY NOT NULL,
	`model_id` integer NOT NULL,
	`version` text NOT NULL,
	`hardware` text NOT NULL,
	`min_instances` integer NOT NULL,
	`max_instances` integer NOT NULL,
	`idle_seconds` integer,
	`failures` integer NOT NULL,
	`retry_at` text,
	`paused_at` text,
	`failure` text,
	`boot_seconds` text NOT NULL,
	`run_seconds` text NOT NULL,
	`used_at` text NOT NULL,
	FOREIGN KEY (`model_id`) REFERENCES `models`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE TABLE `runners` (
	`id` text PRIMARY KEY NOT NULL,
	`name` text NOT NULL,
	`token_hash` text,
	`capacity` text NOT NULL,
	`engines` text NOT NULL,
	`created_at` text NOT NULL,
	`seen_at` text,
	`revoked_at` text
);
--> statement-breakpoint
CREATE UNIQUE INDEX `runners_token` ON `runners` (`token_hash`);--> statement-breakpoint
CREATE TABLE `usage` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`owner_id` integer NOT NULL,
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
	FOREIGN KEY (`instance_id`) REFERENCES `instances`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`prediction`) REFERENCES `predictions`(`number`) ON UPDATE no action ON DELETE set null
);
--> statement-breakpoint
CREATE INDEX `usage_owner` ON `usage` (`owner_id`,`started_at`,`id`);--> statement-breakpoint
CREATE INDEX `usage_instance` ON `usage` (`instance_id`,`started_at`);--> statement-breakpoint
CREATE INDEX `usage_prediction` ON `usage` (`prediction`);--> statement-breakpoint
CREATE TABLE `examples` (
	`model_id` integer NOT NULL,
	`prediction` integer NOT NULL,
	`position` integer NOT NULL,
	`is_default` integer NOT NULL,
	`added_at` text NOT NULL,
	PRIMARY KEY(`model_id`, `prediction`),
	FOREIGN KEY (`model_id`) REFERENCES `models`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`prediction`) REFERENCES `predictions`(`number`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE TABLE `predictions` (
	`number` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`id` text NOT NULL,
	`owner_id` integer NOT NULL,
	`created_by` integer NOT NULL,
	`token_id` integer,
	`model_id` integer NOT NULL,
	`version` text NOT NULL,
	`operation` text NOT NULL,
	`deployment_id` integer,
	`destination_id` integer,
	`pool` text NOT NULL,
	`status` text NOT NULL,
	`input` text,
	`output` text,
	`error` text,
	`logs` text NOT NULL,
	`metrics` text,
	`source` text NOT NULL,
	`webhook` text,
	`webhook_events_filter` text,
	`streams` integer NOT NULL,
	`instance_id` text,
	`claimed_at` text,
	`begun` integer NOT NULL,
	`cancel_requested_at` text,
	`deadline` text,
	`created_at` text NOT NULL,
	`started_at` text,
	`completed_at` text,
	`expires_at` text,
	`kept` integer NOT NULL,
	`data_removed` integer NOT NULL,
	FOREIGN KEY (`owner_id`) REFERENCES `owners`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`created_by`) REFERENCES `owners`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`token_id`) REFERENCES `tokens`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`model_id`) REFERENCES `models`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`destination_id`) REFERENCES `models`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE UNIQUE INDEX `predictions_id` ON `predictions` (`id`);--> statement-breakpoint
CREATE INDEX `predictions_queue` ON `predictions` (`pool`,`created_at`,`number`) WHERE status = 'starting' and instance_id is null;--> statement-breakpoint
CREATE INDEX `predictions_running` ON `predictions` (`instance_id`) WHERE completed_at is null and instance_id is not null;--> statement-breakpoint
CREATE INDEX `predictions_unfinished` ON `predictions` (`owner_id`,`token_id`) WHERE completed_at is null;--> statement-breakpoint
CREATE INDEX `predictions_deadline` ON `predictions` (`deadline`) WHERE completed_at is null and deadline is not null;--> statement-breakpoint
CREATE INDEX `predictions_expiry` ON `predictions` (`expires_at`) WHERE expires_at is not null and not data_removed;--> statement-breakpoint
CREATE INDEX `predictions_owner` ON `predictions` (`owner_id`,`operation`,`created_at`,`number`);--> statement-breakpoint
CREATE INDEX `predictions_model` ON `predictions` (`model_id`,`version`,`created_at`,`number`);--> statement-breakpoint
CREATE TABLE `deliveries` (
	`id` text PRIMARY KEY NOT NULL,
	`owner_id` integer NOT NULL,
	`prediction` integer NOT NULL,
	`event` text NOT NULL,
	`url` text NOT NULL,
	`body` text,
	`attempts` integer NOT NULL,
	`next_attempt_at` text,
	`leased_until` text,
	`status` integer,
	`error` text,
	`created_at` text NOT NULL,
	`delivered_at` text,
	FOREIGN KEY (`owner_id`) REFERENCES `owners`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`prediction`) REFERENCES `predictions`(`number`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `deliveries_due` ON `deliveries` (`next_attempt_at`) WHERE next_attempt_at is not null;--> statement-breakpoint
CREATE INDEX `deliveries_owner` ON `deliveries` (`owner_id`,`created_at`,`id`);--> statement-breakpoint
CREATE INDEX `deliveries_prediction` ON `deliveries` (`prediction`);--> statement-breakpoint
ALTER TABLE `versions` ADD `bundled` text;--> statement-breakpoint
ALTER TABLE `webhook_secrets` ADD `previous_key` text;--> statement-breakpoint
ALTER TABLE `webhook_secrets` ADD `rotated_at` text;