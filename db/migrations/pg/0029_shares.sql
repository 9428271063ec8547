CREATE TABLE "shares" (
	"prediction" bigint PRIMARY KEY NOT NULL,
	"secret" text NOT NULL,
	"hides_input" boolean NOT NULL,
	"created_by" bigint NOT NULL,
	"created_at" text NOT NULL,
	"expires_at" text
);
--> statement-breakpoint
ALTER TABLE "shares" ADD CONSTRAINT "shares_prediction_predictions_number_fk" FOREIGN KEY ("prediction") REFERENCES "public"."predictions"("number") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "shares" ADD CONSTRAINT "shares_created_by_owners_id_fk" FOREIGN KEY ("created_by") REFERENCES "public"."owners"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "shares_secret" ON "shares" USING btree ("secret");