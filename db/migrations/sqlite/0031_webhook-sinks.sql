CREATE TABLE `sink_requests` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`owner_id` integer NOT NULL,
	`received_at` text NOT NULL,
	`headers` text NOT NULL,
	`body` text NOT NULL,
	`signed` integer NOT NULL,
	FOREIGN KEY (`owner_id`) REFERENCES `webhook_sinks`(`owner_id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `sink_requests_owner` ON `sink_requests` (`owner_id`,`id`);--> statement-breakpoint
CREATE TABLE `webhook_sinks` (
	`owner_id` integer PRIMARY KEY NOT NULL,
	`secret` text NOT NULL,
	`created_at` text NOT NULL,
	`expires_at` text NOT NULL,
	FOREIGN KEY (`owner_id`) REFERENCES `owners`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE UNIQUE INDEX `webhook_sinks_secret` ON `webhook_sinks` (`secret`);