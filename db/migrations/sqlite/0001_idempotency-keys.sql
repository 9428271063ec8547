CREATE TABLE `idempotency_keys` (
	`owner_id` integer NOT NULL,
	`key` text NOT NULL,
	`request` text NOT NULL,
	`claim` text NOT NULL,
	`claimed_until` text NOT NULL,
	`status` integer,
	`headers` text,
	`body` text,
	`expires_at` text NOT NULL,
	PRIMARY KEY(`owner_id`, `key`),
	FOREIGN KEY (`owner_id`) REFERENCES `owners`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE INDEX `idempotency_keys_expiry` ON `idempotency_keys` (`expires_at`);