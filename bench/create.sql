\set account :first + :client_id * :each
\set n :n + 1
\set name (:run * 1000 + :client_id) * 1000000 + :n
select "tokens"."id", "tokens"."scopes", "tokens"."model_id", "tokens"."last_used_at", "owners"."id", "owners"."username", "owners"."is_admin" from "tokens" inner join "owners" on "owners"."id" = "tokens"."owner_id" where ("tokens"."hash" = :account and "tokens"."revoked_at" is null and ("tokens"."expires_at" is null or "tokens"."expires_at" > :at) and "owners"."disabled_at" is null);
select "id", "type", "username", "name", "password_hash", "github_id", "github_url", "avatar_url", "description", "email", "is_admin", "model_count", "created_at", "disabled_at", "deleted_at" from "owners" where "owners"."username" = :account;
select "sku", "name", "usd_per_second", "gpus", "cpus", "gpu_ram_gb", "ram_gb", "selectable_for", "reason", "aliases", "sort" from "hardware" where "hardware"."sku" = 'cpu';
begin isolation level serializable;
set local random_page_cost = 0.1;
select "owners"."id", "owners"."username", "owners"."is_admin" from "tokens" inner join "owners" on "owners"."id" = "tokens"."owner_id" where ("tokens"."id" = :account and "tokens"."revoked_at" is null and ("tokens"."expires_at" is null or "tokens"."expires_at" > :at) and "owners"."disabled_at" is null) for share of "tokens";
insert into "models" ("id", "owner_id", "name", "description", "readme", "readme_html", "visibility", "hardware", "github_url", "paper_url", "license_url", "weights_url", "cover_image_url", "cover_upload", "run_count", "is_official", "latest_version_id", "created_at", "updated_at", "listed_at", "egress_asked_at", "egress_allowed_at", "pulled_at", "default_example", "example_cover", "cached_json") values (default, :account, :name, null, default, default, 'public', 'cpu', null, null, null, null, null, null, 0, false, null, :at, :at, :at, null, null, null, default, null, :json) on conflict do nothing returning "id" \gset
update "owners" set "model_count" = "owners"."model_count" + 1 where ("owners"."id" = :account and "owners"."model_count" < 1000000000) returning "id";
insert into "models_search" ("rowid", "names", "described", "words") values (:id, to_tsvector('simple', :account || ' ' || :name), to_tsvector('simple', :account || ' ' || :name), to_tsvector('simple', :account || ' ' || :name));
insert into "events" ("id", "owner_id", "actor_id", "token_id", "action", "subject", "details", "via", "address", "created_at") values (default, :account, :account, :account, 'model.created', :name, :details, 'api', '127.0.0.1', :at);
commit;
