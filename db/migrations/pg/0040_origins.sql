ALTER TABLE "batches" RENAME COLUMN "site" TO "origin";--> statement-breakpoint
ALTER TABLE "predictions" RENAME COLUMN "site" TO "origin";--> statement-breakpoint
UPDATE "events" SET "action" = 'installation.changed' WHERE "action" = 'instance.changed';--> statement-breakpoint
ALTER INDEX "events_instance" RENAME TO "events_installation";