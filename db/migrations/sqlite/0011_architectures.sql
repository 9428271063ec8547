ALTER TABLE `runners` ADD `architecture` text;--> statement-breakpoint
ALTER TABLE `versions` ADD `architecture` text;