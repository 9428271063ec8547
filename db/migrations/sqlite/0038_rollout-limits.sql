ALTER TABLE `deployments` ADD `rollout_since` text;--> statement-breakpoint
ALTER TABLE `pools` ADD `yields_to` text;