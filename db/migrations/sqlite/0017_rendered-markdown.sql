ALTER TABLE `collections` ADD `full_description_html` text;--> statement-breakpoint
ALTER TABLE `models` ADD `readme_html` text;--> statement-breakpoint
CREATE INDEX `models_unrendered` ON `models` (`id`) WHERE readme is not null and readme_html is null;