-- The words of public models, written by lib/models/search-store.ts: names weigh A, the description B, the README C.
CREATE TABLE "models_search" (
	"rowid" bigint PRIMARY KEY,
	"words" tsvector NOT NULL
);
--> statement-breakpoint
CREATE INDEX "models_search_words" ON "models_search" USING gin ("words");
