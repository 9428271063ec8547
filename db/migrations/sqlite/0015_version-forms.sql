ALTER TABLE `versions` ADD `form` text;--> statement-breakpoint
CREATE INDEX `versions_unread` ON `versions` (`number`) WHERE form is null and openapi_schema is not null;