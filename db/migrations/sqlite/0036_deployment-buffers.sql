ALTER TABLE `deployments` ADD `setup_limit_minutes` integer;--> statement-breakpoint
ALTER TABLE `releases` ADD `buffer_instances` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `pools` ADD `buffer_instances` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `pools` ADD `setup_limit_minutes` integer;