PRAGMA foreign_keys=OFF;--> statement-breakpoint
CREATE TABLE `__new_pools` (
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
	`used_at` text NOT NULL
);
--> statement-breakpoint
INSERT INTO `__new_pools`("key", "model_id", "version", "hardware", "min_instances", "max_instances", "idle_seconds", "failures", "retry_at", "paused_at", "failure", "boot_seconds", "run_seconds", "used_at") SELECT "key", "model_id", "version", "hardware", "min_instances", "max_instances", "idle_seconds", "failures", "retry_at", "paused_at", "failure", "boot_seconds", "run_seconds", "used_at" FROM `pools`;--> statement-breakpoint
DROP TABLE `pools`;--> statement-breakpoint
ALTER TABLE `__new_pools` RENAME TO `pools`;--> statement-breakpoint
PRAGMA foreign_keys=ON;