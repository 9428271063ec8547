CREATE TABLE "idempotency_keys" (
	"owner_id" bigint NOT NULL,
	"key" text NOT NULL,
	"request" text NOT NULL,
	"claim" text NOT NULL,
	"claimed_until" text NOT NULL,
	"status" bigint,
	"headers" jsonb,
	"body" text,
	"expires_at" text NOT NULL,
	CONSTRAINT "idempotency_keys_owner_id_key_pk" PRIMARY KEY("owner_id","key")
);
--> statement-breakpoint
ALTER TABLE "idempotency_keys" ADD CONSTRAINT "idempotency_keys_owner_id_owners_id_fk" FOREIGN KEY ("owner_id") REFERENCES "public"."owners"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "idempotency_keys_expiry" ON "idempotency_keys" USING btree ("expires_at");