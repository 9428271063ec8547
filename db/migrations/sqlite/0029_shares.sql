CREATE TABLE `shares` (
	`prediction` integer PRIMARY KEY NOT NULL,
	`secret` text NOT NULL,
	`hides_input` integer NOT NULL,
	`created_by` integer NOT NULL,
	`created_at` text NOT NULL,
	`expires_at` text,
	FOREIGN KEY (`prediction`) REFERENCES `predictions`(`number`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`created_by`) REFERENCES `owners`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE UNIQUE INDEX `shares_secret` ON `shares` (`secret`);