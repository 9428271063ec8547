CREATE TABLE "blobs" (
	"digest" text PRIMARY KEY NOT NULL,
	"size" bigint NOT NULL,
	"file" text NOT NULL,
	"created_at" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "create_on_push" (
	"owner_id" bigint PRIMARY KEY NOT NULL,
	"hardware" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "manifest_parts" (
	"model_id" bigint NOT NULL,
	"manifest" text NOT NULL,
	"digest" text NOT NULL,
	"kind" text NOT NULL,
	CONSTRAINT "manifest_parts_model_id_manifest_digest_pk" PRIMARY KEY("model_id","manifest","digest")
);
--> statement-breakpoint
CREATE TABLE "manifests" (
	"model_id" bigint NOT NULL,
	"digest" text NOT NULL,
	"media_type" text NOT NULL,
	"body" text NOT NULL,
	"size" bigint NOT NULL,
	"artifact_type" text,
	"annotations" json,
	"subject" text,
	"created_at" text NOT NULL,
	CONSTRAINT "manifests_model_id_digest_pk" PRIMARY KEY("model_id","digest")
);
--> statement-breakpoint
CREATE TABLE "model_blobs" (
	"model_id" bigint NOT NULL,
	"digest" text NOT NULL,
	"linked_at" text NOT NULL,
	CONSTRAINT "model_blobs_model_id_digest_pk" PRIMARY KEY("model_id","digest")
);
--> statement-breakpoint
CREATE TABLE "tags" (
	"model_id" bigint NOT NULL,
	"name" text NOT NULL,
	"digest" text NOT NULL,
	"moved_at" text NOT NULL,
	CONSTRAINT "tags_model_id_name_pk" PRIMARY KEY("model_id","name")
);
--> statement-breakpoint
CREATE TABLE "uploads" (
	"id" text PRIMARY KEY NOT NULL,
	"model_id" bigint NOT NULL,
	"owner_id" bigint NOT NULL,
	"started_at" text NOT NULL
);
--> statement-breakpoint
ALTER TABLE "tokens" ADD COLUMN "model_id" bigint;--> statement-breakpoint
ALTER TABLE "versions" ADD COLUMN "cog_config" json;--> statement-breakpoint
ALTER TABLE "versions" ADD COLUMN "labels" json;--> statement-breakpoint
ALTER TABLE "versions" ADD COLUMN "revision" text;--> statement-breakpoint
ALTER TABLE "versions" ADD COLUMN "size" bigint;--> statement-breakpoint
ALTER TABLE "versions" ADD COLUMN "layers" bigint;--> statement-breakpoint
ALTER TABLE "create_on_push" ADD CONSTRAINT "create_on_push_owner_id_owners_id_fk" FOREIGN KEY ("owner_id") REFERENCES "public"."owners"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "create_on_push" ADD CONSTRAINT "create_on_push_hardware_hardware_sku_fk" FOREIGN KEY ("hardware") REFERENCES "public"."hardware"("sku") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "manifest_parts" ADD CONSTRAINT "manifest_parts_model_id_manifest_manifests_model_id_digest_fk" FOREIGN KEY ("model_id","manifest") REFERENCES "public"."manifests"("model_id","digest") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "manifests" ADD CONSTRAINT "manifests_model_id_models_id_fk" FOREIGN KEY ("model_id") REFERENCES "public"."models"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "model_blobs" ADD CONSTRAINT "model_blobs_model_id_models_id_fk" FOREIGN KEY ("model_id") REFERENCES "public"."models"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "model_blobs" ADD CONSTRAINT "model_blobs_digest_blobs_digest_fk" FOREIGN KEY ("digest") REFERENCES "public"."blobs"("digest") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "tags" ADD CONSTRAINT "tags_model_id_digest_manifests_model_id_digest_fk" FOREIGN KEY ("model_id","digest") REFERENCES "public"."manifests"("model_id","digest") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "uploads" ADD CONSTRAINT "uploads_model_id_models_id_fk" FOREIGN KEY ("model_id") REFERENCES "public"."models"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "uploads" ADD CONSTRAINT "uploads_owner_id_owners_id_fk" FOREIGN KEY ("owner_id") REFERENCES "public"."owners"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "manifest_parts_digest" ON "manifest_parts" USING btree ("model_id","digest");--> statement-breakpoint
CREATE INDEX "manifests_subject" ON "manifests" USING btree ("model_id","subject");--> statement-breakpoint
CREATE INDEX "model_blobs_digest" ON "model_blobs" USING btree ("digest");--> statement-breakpoint
CREATE INDEX "tags_digest" ON "tags" USING btree ("model_id","digest");--> statement-breakpoint
ALTER TABLE "tokens" ADD CONSTRAINT "tokens_model_id_models_id_fk" FOREIGN KEY ("model_id") REFERENCES "public"."models"("id") ON DELETE cascade ON UPDATE no action;