CREATE TABLE `jobs` (
	`name` text PRIMARY KEY NOT NULL,
	`due_at` text NOT NULL,
	`claim` text,
	`claimed_until` text,
	`failures` integer NOT NULL
);
