ALTER TABLE `instances` ADD `egress` text DEFAULT 'none' NOT NULL;--> statement-breakpoint
ALTER TABLE `models` ADD `egress_asked_at` text;--> statement-breakpoint
ALTER TABLE `models` ADD `egress_allowed_at` text;