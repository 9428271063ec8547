PRAGMA foreign_keys=OFF;--> statement-breakpoint
CREATE TABLE `__new_deliveries` (
	`id` text PRIMARY KEY NOT NULL,
	`owner_id` integer NOT NULL,
	`prediction` integer,
	`event` text NOT NULL,
	`url` text NOT NULL,
	`host` text NOT NULL,
	`body` text,
	`attempts` integer NOT NULL,
	`next_attempt_at` text,
	`leased_until` text,
	`status` integer,
	`error` text,
	`created_at` text NOT NULL,
	`attempted_at` text,
	`delivered_at` text,
	FOREIGN KEY (`owner_id`) REFERENCES `owners`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`prediction`) REFERENCES `predictions`(`number`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
INSERT INTO `__new_deliveries`("id", "owner_id", "prediction", "event", "url", "host", "body", "attempts", "next_attempt_at", "leased_until", "status", "error", "created_at", "attempted_at", "delivered_at") SELECT "id", "owner_id", "prediction", "event", "url", "url", "body", "attempts", "next_attempt_at", "leased_until", "status", "error", "created_at", null, "delivered_at" FROM `deliveries`;--> statement-breakpoint
DROP TABLE `deliveries`;--> statement-breakpoint
ALTER TABLE `__new_deliveries` RENAME TO `deliveries`;--> statement-breakpoint
PRAGMA foreign_keys=ON;--> statement-breakpoint
CREATE INDEX `deliveries_due` ON `deliveries` (`next_attempt_at`) WHERE next_attempt_at is not null;--> statement-breakpoint
CREATE INDEX `deliveries_owner` ON `deliveries` (`owner_id`,`created_at`,`id`);--> statement-breakpoint
CREATE INDEX `deliveries_prediction` ON `deliveries` (`prediction`);--> statement-breakpoint
CREATE INDEX `deliveries_age` ON `deliveries` (`created_at`);