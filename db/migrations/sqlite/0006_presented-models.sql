ALTER TABLE `models` ADD `presented` text;--> statement-breakpoint
CREATE INDEX `models_unpresented` ON `models` (`id`) WHERE presented is null;