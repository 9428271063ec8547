DROP INDEX "predictions_queue";--> statement-breakpoint
ALTER TABLE "usage" ALTER COLUMN "owner_id" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "predictions" ALTER COLUMN "streams" SET DATA TYPE text;--> statement-breakpoint
ALTER TABLE "predictions" ALTER COLUMN "streams" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "instances" ADD COLUMN "metered_until" text NOT NULL;--> statement-breakpoint
ALTER TABLE "instances" ADD COLUMN "usd_per_second" text NOT NULL;--> statement-breakpoint
ALTER TABLE "models" ADD COLUMN "default_example" json;--> statement-breakpoint
ALTER TABLE "predictions" ADD COLUMN "secrets" jsonb;--> statement-breakpoint
ALTER TABLE "predictions" ADD COLUMN "counted" boolean NOT NULL;--> statement-breakpoint
CREATE INDEX "predictions_uncounted" ON "predictions" USING btree ("number") WHERE not counted;--> statement-breakpoint
CREATE INDEX "predictions_owner_status" ON "predictions" USING btree ("owner_id","operation","status","created_at","number");--> statement-breakpoint
CREATE INDEX "versions_id" ON "versions" USING btree ("id");--> statement-breakpoint
CREATE INDEX "predictions_queue" ON "predictions" USING btree ("pool","owner_id","created_at","number") WHERE status = 'starting' and instance_id is null;