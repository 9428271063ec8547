DROP INDEX "files_owner";--> statement-breakpoint
CREATE INDEX "files_held" ON "files" USING btree ("owner_id","size");--> statement-breakpoint
CREATE INDEX "files_stored" ON "files" USING btree ("stored_as");--> statement-breakpoint
CREATE INDEX "files_owner" ON "files" USING btree ("owner_id","created_at","id") WHERE kind = 'upload';