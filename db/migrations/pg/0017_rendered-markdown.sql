ALTER TABLE "collections" ADD COLUMN "full_description_html" text;--> statement-breakpoint
ALTER TABLE "models" ADD COLUMN "readme_html" text;--> statement-breakpoint
CREATE INDEX "models_unrendered" ON "models" USING btree ("id") WHERE readme is not null and readme_html is null;