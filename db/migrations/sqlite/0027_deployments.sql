CREATE TABLE `deployments` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`owner_id` integer NOT NULL,
	`name` text NOT NULL,
	`current` integer NOT NULL,
	`serving` integer NOT NULL,
	`rollout` text NOT NULL,
	`rollout_detail` text,
	`canary_percent` integer,
	`canary_minutes` integer,
	`canary_since` text,
	`follows` text,
	`queue_limit` integer,
	`run_limit_minutes` integer,
	`monthly_cap_usd` text,
	`schedule` text NOT NULL,
	`paused_at` text,
	`paused_reason` text,
	`created_by` integer NOT NULL,
	`created_at` text NOT NULL,
	`updated_at` text NOT NULL,
	FOREIGN KEY (`owner_id`) REFERENCES `owners`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`created_by`) REFERENCES `owners`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE UNIQUE INDEX `deployments_name` ON `deployments` (`owner_id`,`name`);--> statement-breakpoint
CREATE INDEX `deployments_owner` ON `deployments` (`owner_id`,`created_at`,`id`);--> statement-breakpoint
CREATE TABLE `releases` (
	`deployment_id` integer NOT NULL,
	`number` integer NOT NULL,
	`model_id` integer NOT NULL,
	`model` text NOT NULL,
	`version` text NOT NULL,
	`hardware` text NOT NULL,
	`min_instances` integer NOT NULL,
	`max_instances` integer NOT NULL,
	`idle_seconds` integer,
	`pool` text NOT NULL,
	`rollback_of` integer,
	`failed` integer NOT NULL,
	`created_by` integer NOT NULL,
	`created_at` text NOT NULL,
	PRIMARY KEY(`deployment_id`, `number`),
	FOREIGN KEY (`deployment_id`) REFERENCES `deployments`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`created_by`) REFERENCES `owners`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE INDEX `releases_version` ON `releases` (`model_id`,`version`);--> statement-breakpoint
ALTER TABLE `pools` ADD `owner_id` integer REFERENCES owners(id);--> statement-breakpoint
ALTER TABLE `pools` ADD `warm_instances` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `pools` ADD `warm_until` text;--> statement-breakpoint
ALTER TABLE `pools` ADD `run_limit_minutes` integer;--> statement-breakpoint
ALTER TABLE `pools` ADD `retired_at` text;--> statement-breakpoint
ALTER TABLE `predictions` ADD `deployment` text;--> statement-breakpoint
CREATE INDEX `predictions_deployment` ON `predictions` (`deployment_id`,`created_at`,`number`) WHERE deployment_id is not null;