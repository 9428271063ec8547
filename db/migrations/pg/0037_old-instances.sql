ALTER TABLE "usage" DROP CONSTRAINT "usage_instance_id_instances_id_fk";
--> statement-breakpoint
CREATE INDEX "instances_stopped" ON "instances" USING btree ("stopped_at") WHERE stopped_at is not null;