-- The words of public models, written by lib/models/search-store.ts: already split and folded, so the tokenizer only cuts at spaces.
CREATE VIRTUAL TABLE `models_search` USING fts5(
	names, description, readme,
	content = '', contentless_delete = 1, detail = column, prefix = '1 2 3 4 5 6', tokenize = 'ascii'
);
