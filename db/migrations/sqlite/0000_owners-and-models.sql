CREATE TABLE `attempts` (
	`key` text PRIMARY KEY NOT NULL,
	`count` integer NOT NULL,
	`resets_at` text NOT NULL
);
--> statement-breakpoint
CREATE TABLE `collection_models` (
	`place` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`collection_id` integer NOT NULL,
	`model_id` integer NOT NULL,
	FOREIGN KEY (`collection_id`) REFERENCES `collections`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`model_id`) REFERENCES `models`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE UNIQUE INDEX `collection_models_once` ON `collection_models` (`collection_id`,`model_id`);--> statement-breakpoint
CREATE INDEX `collection_models_shown` ON `collection_models` (`collection_id`,`place`);--> statement-breakpoint
CREATE INDEX `collection_models_model` ON `collection_models` (`model_id`);--> statement-breakpoint
CREATE TABLE `collections` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`slug` text NOT NULL,
	`name` text NOT NULL,
	`description` text NOT NULL,
	`full_description` text,
	`created_at` text NOT NULL,
	`updated_at` text NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `collections_slug` ON `collections` (`slug`);--> statement-breakpoint
CREATE INDEX `collections_by_name` ON `collections` (`name`,`id`);--> statement-breakpoint
CREATE TABLE `hardware` (
	`sku` text PRIMARY KEY NOT NULL,
	`name` text NOT NULL,
	`usd_per_second` text NOT NULL,
	`gpus` integer NOT NULL,
	`cpus` integer,
	`gpu_ram_gb` integer,
	`ram_gb` integer,
	`selectable_for` text NOT NULL,
	`reason` text,
	`aliases` text NOT NULL,
	`sort` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `idempotency_keys` (
	`owner_id` integer NOT NULL,
	`key` text NOT NULL,
	`request` text NOT NULL,
	`claim` text NOT NULL,
	`claimed_until` text NOT NULL,
	`status` integer,
	`headers` text,
	`body` text,
	`expires_at` text NOT NULL,
	PRIMARY KEY(`owner_id`, `key`),
	FOREIGN KEY (`owner_id`) REFERENCES `owners`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE INDEX `idempotency_keys_expiry` ON `idempotency_keys` (`expires_at`);--> statement-breakpoint
CREATE TABLE `models` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`owner_id` integer NOT NULL,
	`name` text NOT NULL,
	`description` text,
	`readme` text,
	`visibility` text NOT NULL,
	`hardware` text NOT NULL,
	`github_url` text,
	`paper_url` text,
	`license_url` text,
	`weights_url` text,
	`cover_image_url` text,
	`run_count` integer NOT NULL,
	`is_official` integer NOT NULL,
	`latest_version_id` text,
	`created_at` text NOT NULL,
	`updated_at` text NOT NULL,
	`listed_at` text NOT NULL,
	FOREIGN KEY (`owner_id`) REFERENCES `owners`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`hardware`) REFERENCES `hardware`(`sku`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE UNIQUE INDEX `models_owner_name` ON `models` (`owner_id`,`name`);--> statement-breakpoint
CREATE INDEX `models_name` ON `models` (`name`,`visibility`);--> statement-breakpoint
CREATE INDEX `models_newest` ON `models` (`visibility`,`created_at`,`id`);--> statement-breakpoint
CREATE INDEX `models_listed` ON `models` (`visibility`,`listed_at`,`id`);--> statement-breakpoint
CREATE INDEX `models_listed_by_hardware` ON `models` (`visibility`,`hardware`,`listed_at`,`id`);--> statement-breakpoint
CREATE INDEX `models_listed_with_versions` ON `models` (`visibility`,`listed_at`,`id`) WHERE latest_version_id is not null;--> statement-breakpoint
CREATE INDEX `models_owner_newest` ON `models` (`owner_id`,`created_at`,`id`);--> statement-breakpoint
CREATE TABLE `owners` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`type` text NOT NULL,
	`username` text NOT NULL,
	`name` text NOT NULL,
	`password_hash` text,
	`github_id` text,
	`github_url` text,
	`avatar_url` text,
	`is_admin` integer NOT NULL,
	`model_count` integer NOT NULL,
	`created_at` text NOT NULL,
	`disabled_at` text
);
--> statement-breakpoint
CREATE UNIQUE INDEX `owners_username` ON `owners` (`username`);--> statement-breakpoint
CREATE UNIQUE INDEX `owners_github_id` ON `owners` (`github_id`);--> statement-breakpoint
CREATE TABLE `sessions` (
	`id` text PRIMARY KEY NOT NULL,
	`owner_id` integer NOT NULL,
	`address` text,
	`user_agent` text,
	`created_at` text NOT NULL,
	`last_seen_at` text NOT NULL,
	`expires_at` text NOT NULL,
	`revoked_at` text,
	FOREIGN KEY (`owner_id`) REFERENCES `owners`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE INDEX `sessions_owner` ON `sessions` (`owner_id`);--> statement-breakpoint
CREATE TABLE `tokens` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`owner_id` integer NOT NULL,
	`name` text NOT NULL,
	`hash` text NOT NULL,
	`ending` text NOT NULL,
	`scopes` text NOT NULL,
	`created_at` text NOT NULL,
	`last_used_at` text,
	`expires_at` text,
	`revoked_at` text,
	FOREIGN KEY (`owner_id`) REFERENCES `owners`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE UNIQUE INDEX `tokens_hash` ON `tokens` (`hash`);--> statement-breakpoint
CREATE INDEX `tokens_owner` ON `tokens` (`owner_id`,`id`);--> statement-breakpoint
CREATE TABLE `versions` (
	`number` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`model_id` integer NOT NULL,
	`id` text NOT NULL,
	`cog_version` text,
	`openapi_schema` text,
	`pushed_by` integer NOT NULL,
	`created_at` text NOT NULL,
	`pushed_at` text NOT NULL,
	FOREIGN KEY (`model_id`) REFERENCES `models`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`pushed_by`) REFERENCES `owners`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE UNIQUE INDEX `versions_model_id` ON `versions` (`model_id`,`id`);--> statement-breakpoint
CREATE INDEX `versions_newest` ON `versions` (`model_id`,`pushed_at`,`number`);--> statement-breakpoint
CREATE TABLE `webhook_secrets` (
	`owner_id` integer PRIMARY KEY NOT NULL,
	`key` text NOT NULL,
	`created_at` text NOT NULL,
	FOREIGN KEY (`owner_id`) REFERENCES `owners`(`id`) ON UPDATE no action ON DELETE no action
);
