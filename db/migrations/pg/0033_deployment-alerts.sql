CREATE TABLE "deployment_alerts" (
	"deployment_id" bigint NOT NULL,
	"kind" text NOT NULL,
	"release" bigint NOT NULL,
	"detail" text NOT NULL,
	"raised_at" text NOT NULL,
	CONSTRAINT "deployment_alerts_deployment_id_kind_pk" PRIMARY KEY("deployment_id","kind")
);
--> statement-breakpoint
ALTER TABLE "deployments" ADD COLUMN "alert_webhook" text;--> statement-breakpoint
ALTER TABLE "deployments" ADD COLUMN "alert_error_percent" bigint;--> statement-breakpoint
ALTER TABLE "deployments" ADD COLUMN "alert_queue_length" bigint;--> statement-breakpoint
ALTER TABLE "deployment_alerts" ADD CONSTRAINT "deployment_alerts_deployment_id_deployments_id_fk" FOREIGN KEY ("deployment_id") REFERENCES "public"."deployments"("id") ON DELETE cascade ON UPDATE no action;