ALTER TABLE "models" ADD COLUMN "presented" text;--> statement-breakpoint
CREATE INDEX "models_unpresented" ON "models" USING btree ("id") WHERE presented is null;