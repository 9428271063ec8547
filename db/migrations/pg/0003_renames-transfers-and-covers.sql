CREATE TABLE "former_names" (
	"owner_id" bigint NOT NULL,
	"name" text NOT NULL,
	"model_id" bigint NOT NULL,
	"left_at" text NOT NULL,
	CONSTRAINT "former_names_owner_id_name_pk" PRIMARY KEY("owner_id","name")
);
--> statement-breakpoint
CREATE TABLE "transfers" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"model_id" bigint NOT NULL,
	"from_id" bigint NOT NULL,
	"to_id" bigint NOT NULL,
	"offered_by" bigint NOT NULL,
	"created_at" text NOT NULL,
	"ended_at" text,
	"outcome" text
);
--> statement-breakpoint
ALTER TABLE "models" ADD COLUMN "cover_upload" text;--> statement-breakpoint
ALTER TABLE "former_names" ADD CONSTRAINT "former_names_owner_id_owners_id_fk" FOREIGN KEY ("owner_id") REFERENCES "public"."owners"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "former_names" ADD CONSTRAINT "former_names_model_id_models_id_fk" FOREIGN KEY ("model_id") REFERENCES "public"."models"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "transfers" ADD CONSTRAINT "transfers_model_id_models_id_fk" FOREIGN KEY ("model_id") REFERENCES "public"."models"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "transfers" ADD CONSTRAINT "transfers_from_id_owners_id_fk" FOREIGN KEY ("from_id") REFERENCES "public"."owners"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "transfers" ADD CONSTRAINT "transfers_to_id_owners_id_fk" FOREIGN KEY ("to_id") REFERENCES "public"."owners"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "transfers" ADD CONSTRAINT "transfers_offered_by_owners_id_fk" FOREIGN KEY ("offered_by") REFERENCES "public"."owners"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "former_names_model" ON "former_names" USING btree ("model_id");--> statement-breakpoint
CREATE UNIQUE INDEX "transfers_open" ON "transfers" USING btree ("model_id") WHERE ended_at is null;--> statement-breakpoint
CREATE INDEX "transfers_model" ON "transfers" USING btree ("model_id","id");--> statement-breakpoint
CREATE INDEX "transfers_to" ON "transfers" USING btree ("to_id","id") WHERE ended_at is null;--> statement-breakpoint
CREATE INDEX "transfers_from" ON "transfers" USING btree ("from_id","id") WHERE ended_at is null;--> statement-breakpoint
CREATE INDEX "models_cover" ON "models" USING btree ("cover_upload") WHERE cover_upload is not null;