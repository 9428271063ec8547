PRAGMA foreign_keys=OFF;--> statement-breakpoint
CREATE TABLE `__new_predictions` (
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
	`destination` text,
	`cost_limit_usd` text,
	`pool` text NOT NULL,
	`status` text NOT NULL,
	`input` text,
	`secrets` text,
	`output` text,
	`error` text,
	`logs` text NOT NULL,
	`metrics` text,
	`source` text NOT NULL,
	`webhook` text,
	`site` text,
	`webhook_events_filter` text,
	`streams` text,
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
	`counted` integer NOT NULL,
	FOREIGN KEY (`owner_id`) REFERENCES `owners`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`created_by`) REFERENCES `owners`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`token_id`) REFERENCES `tokens`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`destination_id`) REFERENCES `models`(`id`) ON UPDATE no action ON DELETE set null
);
--> statement-breakpoint
INSERT INTO `__new_predictions`("number", "id", "owner_id", "created_by", "token_id", "model_id", "version", "operation", "deployment_id", "destination_id", "pool", "status", "input", "secrets", "output", "error", "logs", "metrics", "source", "webhook", "site", "webhook_events_filter", "streams", "instance_id", "claimed_at", "begun", "cancel_requested_at", "deadline", "created_at", "started_at", "completed_at", "expires_at", "kept", "data_removed", "counted") SELECT "number", "id", "owner_id", "created_by", "token_id", "model_id", "version", "operation", "deployment_id", "destination_id", "pool", "status", "input", "secrets", "output", "error", "logs", "metrics", "source", "webhook", "site", "webhook_events_filter", "streams", "instance_id", "claimed_at", "begun", "cancel_requested_at", "deadline", "created_at", "started_at", "completed_at", "expires_at", "kept", "data_removed", "counted" FROM `predictions`;--> statement-breakpoint
DROP TABLE `predictions`;--> statement-breakpoint
ALTER TABLE `__new_predictions` RENAME TO `predictions`;--> statement-breakpoint
PRAGMA foreign_keys=ON;--> statement-breakpoint
CREATE UNIQUE INDEX `predictions_id` ON `predictions` (`id`);--> statement-breakpoint
CREATE INDEX `predictions_queue` ON `predictions` (`pool`,`owner_id`,`created_at`,`number`) WHERE status = 'starting' and instance_id is null;--> statement-breakpoint
CREATE INDEX `predictions_running` ON `predictions` (`instance_id`) WHERE completed_at is null and instance_id is not null;--> statement-breakpoint
CREATE INDEX `predictions_unfinished` ON `predictions` (`owner_id`,`token_id`) WHERE completed_at is null;--> statement-breakpoint
CREATE INDEX `predictions_deadline` ON `predictions` (`deadline`) WHERE completed_at is null and deadline is not null;--> statement-breakpoint
CREATE INDEX `predictions_expiry` ON `predictions` (`expires_at`) WHERE expires_at is not null and not data_removed;--> statement-breakpoint
CREATE INDEX `predictions_uncounted` ON `predictions` (`number`) WHERE not counted;--> statement-breakpoint
CREATE INDEX `predictions_destination` ON `predictions` (`destination_id`) WHERE destination_id is not null;--> statement-breakpoint
CREATE INDEX `predictions_owner` ON `predictions` (`owner_id`,`operation`,`created_at`,`number`);--> statement-breakpoint
CREATE INDEX `predictions_owner_status` ON `predictions` (`owner_id`,`operation`,`status`,`created_at`,`number`);--> statement-breakpoint
CREATE INDEX `predictions_model` ON `predictions` (`model_id`,`version`,`created_at`,`number`);--> statement-breakpoint
ALTER TABLE `versions` ADD `trained` text;