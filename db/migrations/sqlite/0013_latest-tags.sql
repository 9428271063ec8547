DELETE FROM `tags` WHERE `name` = 'latest';--> statement-breakpoint
INSERT INTO `tags` (`model_id`, `name`, `digest`, `moved_at`) SELECT `models`.`id`, 'latest', `manifests`.`digest`, `models`.`listed_at` FROM `models` INNER JOIN `manifests` ON `manifests`.`model_id` = `models`.`id` AND `manifests`.`digest` = 'sha256:' || `models`.`latest_version_id`;
