CREATE TABLE `referrers` (
	`model_id` integer NOT NULL,
	`digest` text NOT NULL,
	`subject` text NOT NULL,
	`media_type` text NOT NULL,
	`size` integer NOT NULL,
	`artifact_type` text,
	`annotations` text,
	`created_at` text NOT NULL,
	PRIMARY KEY(`model_id`, `digest`),
	FOREIGN KEY (`model_id`,`digest`) REFERENCES `manifests`(`model_id`,`digest`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `referrers_subject` ON `referrers` (`model_id`,`subject`,`created_at`,`digest`);--> statement-breakpoint
INSERT INTO `referrers` (`model_id`, `digest`, `subject`, `media_type`, `size`, `artifact_type`, `annotations`, `created_at`) SELECT `model_id`, `digest`, `subject`, `media_type`, `size`, CASE WHEN length(`artifact_type`) <= 255 THEN `artifact_type` END, CASE WHEN length(`annotations`) <= 16384 THEN `annotations` END, `created_at` FROM `manifests` WHERE `subject` IS NOT NULL;--> statement-breakpoint
DROP INDEX `manifests_subject`;--> statement-breakpoint
ALTER TABLE `manifests` DROP COLUMN `artifact_type`;--> statement-breakpoint
ALTER TABLE `manifests` DROP COLUMN `annotations`;--> statement-breakpoint
ALTER TABLE `manifests` DROP COLUMN `subject`;