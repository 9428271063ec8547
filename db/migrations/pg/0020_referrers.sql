CREATE TABLE "referrers" (
	"model_id" bigint NOT NULL,
	"digest" text NOT NULL,
	"subject" text NOT NULL,
	"media_type" text NOT NULL,
	"size" bigint NOT NULL,
	"artifact_type" text,
	"annotations" json,
	"created_at" text NOT NULL,
	CONSTRAINT "referrers_model_id_digest_pk" PRIMARY KEY("model_id","digest")
);
--> statement-breakpoint
INSERT INTO "referrers" ("model_id", "digest", "subject", "media_type", "size", "artifact_type", "annotations", "created_at") SELECT "model_id", "digest", "subject", "media_type", "size", CASE WHEN length("artifact_type") <= 255 THEN "artifact_type" END, CASE WHEN length("annotations"::text) <= 16384 THEN "annotations" END, "created_at" FROM "manifests" WHERE "subject" IS NOT NULL;--> statement-breakpoint
DROP INDEX "manifests_subject";--> statement-breakpoint
ALTER TABLE "referrers" ADD CONSTRAINT "referrers_model_id_digest_manifests_model_id_digest_fk" FOREIGN KEY ("model_id","digest") REFERENCES "public"."manifests"("model_id","digest") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "referrers_subject" ON "referrers" USING btree ("model_id","subject","created_at","digest");--> statement-breakpoint
ALTER TABLE "manifests" DROP COLUMN "artifact_type";--> statement-breakpoint
ALTER TABLE "manifests" DROP COLUMN "annotations";--> statement-breakpoint
ALTER TABLE "manifests" DROP COLUMN "subject";