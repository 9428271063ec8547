CREATE TABLE "hardware_changes" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"sku" text NOT NULL,
	"changes" jsonb NOT NULL,
	"changed_by" bigint,
	"changed_at" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "password_links" (
	"hash" text PRIMARY KEY NOT NULL,
	"owner_id" bigint NOT NULL,
	"created_at" text NOT NULL,
	"expires_at" text NOT NULL,
	"used_at" text
);
--> statement-breakpoint
CREATE TABLE "settings" (
	"name" text PRIMARY KEY NOT NULL,
	"value" text NOT NULL,
	"changed_at" text NOT NULL
);
--> statement-breakpoint
ALTER TABLE "hardware_changes" ADD CONSTRAINT "hardware_changes_sku_hardware_sku_fk" FOREIGN KEY ("sku") REFERENCES "public"."hardware"("sku") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "hardware_changes" ADD CONSTRAINT "hardware_changes_changed_by_owners_id_fk" FOREIGN KEY ("changed_by") REFERENCES "public"."owners"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "password_links" ADD CONSTRAINT "password_links_owner_id_owners_id_fk" FOREIGN KEY ("owner_id") REFERENCES "public"."owners"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "hardware_changes_newest" ON "hardware_changes" USING btree ("changed_at","id");--> statement-breakpoint
CREATE INDEX "password_links_owner" ON "password_links" USING btree ("owner_id");