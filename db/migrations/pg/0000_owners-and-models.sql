CREATE TABLE "attempts" (
	"key" text PRIMARY KEY NOT NULL,
	"count" bigint NOT NULL,
	"resets_at" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "collection_models" (
	"place" bigserial PRIMARY KEY NOT NULL,
	"collection_id" bigint NOT NULL,
	"model_id" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "collections" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"slug" text NOT NULL,
	"name" text NOT NULL,
	"description" text NOT NULL,
	"full_description" text,
	"created_at" text NOT NULL,
	"updated_at" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "hardware" (
	"sku" text PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"usd_per_second" text NOT NULL,
	"gpus" bigint NOT NULL,
	"cpus" bigint,
	"gpu_ram_gb" bigint,
	"ram_gb" bigint,
	"selectable_for" jsonb NOT NULL,
	"reason" text,
	"aliases" jsonb NOT NULL,
	"sort" bigint NOT NULL
);
--> statement-breakpoint
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
CREATE TABLE "models" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"owner_id" bigint NOT NULL,
	"name" text NOT NULL,
	"description" text,
	"readme" text,
	"visibility" text NOT NULL,
	"hardware" text NOT NULL,
	"github_url" text,
	"paper_url" text,
	"license_url" text,
	"weights_url" text,
	"cover_image_url" text,
	"run_count" bigint NOT NULL,
	"is_official" boolean NOT NULL,
	"latest_version_id" text,
	"created_at" text NOT NULL,
	"updated_at" text NOT NULL,
	"listed_at" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "owners" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"type" text NOT NULL,
	"username" text NOT NULL,
	"name" text NOT NULL,
	"password_hash" text,
	"github_id" text,
	"github_url" text,
	"avatar_url" text,
	"is_admin" boolean NOT NULL,
	"model_count" bigint NOT NULL,
	"created_at" text NOT NULL,
	"disabled_at" text
);
--> statement-breakpoint
CREATE TABLE "sessions" (
	"id" text PRIMARY KEY NOT NULL,
	"owner_id" bigint NOT NULL,
	"address" text,
	"user_agent" text,
	"created_at" text NOT NULL,
	"last_seen_at" text NOT NULL,
	"expires_at" text NOT NULL,
	"revoked_at" text
);
--> statement-breakpoint
CREATE TABLE "tokens" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"owner_id" bigint NOT NULL,
	"name" text NOT NULL,
	"hash" text NOT NULL,
	"ending" text NOT NULL,
	"scopes" jsonb NOT NULL,
	"created_at" text NOT NULL,
	"last_used_at" text,
	"expires_at" text,
	"revoked_at" text
);
--> statement-breakpoint
CREATE TABLE "versions" (
	"number" bigserial PRIMARY KEY NOT NULL,
	"model_id" bigint NOT NULL,
	"id" text NOT NULL,
	"cog_version" text,
	"openapi_schema" json,
	"pushed_by" bigint NOT NULL,
	"created_at" text NOT NULL,
	"pushed_at" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "webhook_secrets" (
	"owner_id" bigint PRIMARY KEY NOT NULL,
	"key" text NOT NULL,
	"created_at" text NOT NULL
);
--> statement-breakpoint
ALTER TABLE "collection_models" ADD CONSTRAINT "collection_models_collection_id_collections_id_fk" FOREIGN KEY ("collection_id") REFERENCES "public"."collections"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "collection_models" ADD CONSTRAINT "collection_models_model_id_models_id_fk" FOREIGN KEY ("model_id") REFERENCES "public"."models"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "idempotency_keys" ADD CONSTRAINT "idempotency_keys_owner_id_owners_id_fk" FOREIGN KEY ("owner_id") REFERENCES "public"."owners"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "models" ADD CONSTRAINT "models_owner_id_owners_id_fk" FOREIGN KEY ("owner_id") REFERENCES "public"."owners"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "models" ADD CONSTRAINT "models_hardware_hardware_sku_fk" FOREIGN KEY ("hardware") REFERENCES "public"."hardware"("sku") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "sessions" ADD CONSTRAINT "sessions_owner_id_owners_id_fk" FOREIGN KEY ("owner_id") REFERENCES "public"."owners"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "tokens" ADD CONSTRAINT "tokens_owner_id_owners_id_fk" FOREIGN KEY ("owner_id") REFERENCES "public"."owners"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "versions" ADD CONSTRAINT "versions_model_id_models_id_fk" FOREIGN KEY ("model_id") REFERENCES "public"."models"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "versions" ADD CONSTRAINT "versions_pushed_by_owners_id_fk" FOREIGN KEY ("pushed_by") REFERENCES "public"."owners"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "webhook_secrets" ADD CONSTRAINT "webhook_secrets_owner_id_owners_id_fk" FOREIGN KEY ("owner_id") REFERENCES "public"."owners"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "collection_models_once" ON "collection_models" USING btree ("collection_id","model_id");--> statement-breakpoint
CREATE INDEX "collection_models_shown" ON "collection_models" USING btree ("collection_id","place");--> statement-breakpoint
CREATE INDEX "collection_models_model" ON "collection_models" USING btree ("model_id");--> statement-breakpoint
CREATE UNIQUE INDEX "collections_slug" ON "collections" USING btree ("slug");--> statement-breakpoint
CREATE INDEX "collections_by_name" ON "collections" USING btree ("name","id");--> statement-breakpoint
CREATE INDEX "idempotency_keys_expiry" ON "idempotency_keys" USING btree ("expires_at");--> statement-breakpoint
CREATE UNIQUE INDEX "models_owner_name" ON "models" USING btree ("owner_id","name");--> statement-breakpoint
CREATE INDEX "models_name" ON "models" USING btree ("name","visibility");--> statement-breakpoint
CREATE INDEX "models_newest" ON "models" USING btree ("visibility","created_at","id");--> statement-breakpoint
CREATE INDEX "models_listed" ON "models" USING btree ("visibility","listed_at","id");--> statement-breakpoint
CREATE INDEX "models_listed_by_hardware" ON "models" USING btree ("visibility","hardware","listed_at","id");--> statement-breakpoint
CREATE INDEX "models_listed_with_versions" ON "models" USING btree ("visibility","listed_at","id") WHERE latest_version_id is not null;--> statement-breakpoint
CREATE INDEX "models_owner_newest" ON "models" USING btree ("owner_id","created_at","id");--> statement-breakpoint
CREATE UNIQUE INDEX "owners_username" ON "owners" USING btree ("username");--> statement-breakpoint
CREATE UNIQUE INDEX "owners_github_id" ON "owners" USING btree ("github_id");--> statement-breakpoint
CREATE INDEX "sessions_owner" ON "sessions" USING btree ("owner_id");--> statement-breakpoint
CREATE UNIQUE INDEX "tokens_hash" ON "tokens" USING btree ("hash");--> statement-breakpoint
CREATE INDEX "tokens_owner" ON "tokens" USING btree ("owner_id","id");--> statement-breakpoint
CREATE UNIQUE INDEX "versions_model_id" ON "versions" USING btree ("model_id","id");--> statement-breakpoint
CREATE INDEX "versions_newest" ON "versions" USING btree ("model_id","pushed_at","number");