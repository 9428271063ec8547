CREATE TABLE "sink_requests" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"owner_id" bigint NOT NULL,
	"received_at" text NOT NULL,
	"headers" jsonb NOT NULL,
	"body" text NOT NULL,
	"signed" boolean NOT NULL
);
--> statement-breakpoint
CREATE TABLE "webhook_sinks" (
	"owner_id" bigint PRIMARY KEY NOT NULL,
	"secret" text NOT NULL,
	"created_at" text NOT NULL,
	"expires_at" text NOT NULL
);
--> statement-breakpoint
ALTER TABLE "sink_requests" ADD CONSTRAINT "sink_requests_owner_id_webhook_sinks_owner_id_fk" FOREIGN KEY ("owner_id") REFERENCES "public"."webhook_sinks"("owner_id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "webhook_sinks" ADD CONSTRAINT "webhook_sinks_owner_id_owners_id_fk" FOREIGN KEY ("owner_id") REFERENCES "public"."owners"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "sink_requests_owner" ON "sink_requests" USING btree ("owner_id","id");--> statement-breakpoint
CREATE UNIQUE INDEX "webhook_sinks_secret" ON "webhook_sinks" USING btree ("secret");