ALTER TABLE "deliveries" ALTER COLUMN "prediction" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "deliveries" ADD COLUMN "host" text NOT NULL;--> statement-breakpoint
ALTER TABLE "deliveries" ADD COLUMN "attempted_at" text;--> statement-breakpoint
CREATE INDEX "deliveries_age" ON "deliveries" USING btree ("created_at");