CREATE TABLE `deployment_alerts` (
	`deployment_id` integer NOT NULL,
	`kind` text NOT NULL,
	`release` integer NOT NULL,
	`detail` text NOT NULL,
	`raised_at` text NOT NULL,
	PRIMARY KEY(`deployment_id`, `kind`),
	FOREIGN KEY (`deployment_id`) REFERENCES `deployments`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
ALTER TABLE `deployments` ADD `alert_webhook` text;--> statement-breakpoint
ALTER TABLE `deployments` ADD `alert_error_percent` integer;--> statement-breakpoint
ALTER TABLE `deployments` ADD `alert_queue_length` integer;