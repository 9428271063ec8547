-- The words of public models, written by lib/models/search-store.ts: of their names, with the description, and with the README.
CREATE TABLE "models_search" (
	"rowid" bigint PRIMARY KEY,
	"names" tsvector NOT NULL,
	"described" tsvector NOT NULL,
	"words" tsvector NOT NULL
);
--> statement-breakpoint
CREATE INDEX "models_search_names" ON "models_search" USING gin ("names");
--> statement-breakpoint
CREATE INDEX "models_search_described" ON "models_search" USING gin ("described");
--> statement-breakpoint
CREATE INDEX "models_search_words" ON "models_search" USING gin ("words");
