ALTER TABLE "versions" ADD COLUMN "form" json;--> statement-breakpoint
CREATE INDEX "versions_unread" ON "versions" USING btree ("number") WHERE form is null and openapi_schema is not null;