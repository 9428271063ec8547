CREATE TABLE `file_upload_parts` (
	`upload` text NOT NULL,
	`start` integer NOT NULL,
	`size` integer NOT NULL,
	`stored_as` text NOT NULL,
	PRIMARY KEY(`upload`, `start`),
	FOREIGN KEY (`upload`) REFERENCES `file_uploads`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `file_upload_parts_stored` ON `file_upload_parts` (`stored_as`);--> statement-breakpoint
CREATE TABLE `file_uploads` (
	`id` text PRIMARY KEY NOT NULL,
	`owner_id` integer NOT NULL,
	`name` text NOT NULL,
	`content_type` text NOT NULL,
	`size` integer NOT NULL,
	`written_at` text NOT NULL,
	FOREIGN KEY (`owner_id`) REFERENCES `owners`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE INDEX `file_uploads_owner` ON `file_uploads` (`owner_id`);--> statement-breakpoint
CREATE INDEX `file_uploads_written` ON `file_uploads` (`written_at`);