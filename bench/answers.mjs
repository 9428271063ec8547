// The responses of the bare server and the benchmark's Next app: the same SQL, the same token check, and nothing else.
import { createHash } from "node:crypto"
import { join } from "node:path"
import Database from "better-sqlite3"

/** @param {string} folder */
export function openAnswers(folder) {
  const db = new Database(join(folder, "understudy.db"))
  db.pragma("journal_mode = WAL")
  db.pragma("synchronous = FULL")
  // As in db/sqlite.ts, because the bare server should be a true upper limit: without it, a lookup costs seven times as
  // much.
  const prepare = (/** @type {string} */ text) =>
    db.prepare(text.trimStart().startsWith("select") ? text.replace(/(=|limit) \?/g, "$1 ifnull(?, null)") : text)
  const columns = `m.id, o.username as owner, m.name, m.description, m.visibility, m.github_url, m.paper_url, m.license_url, m.weights_url, m.run_count, m.is_official,
    m.created_at, m.listed_at, m.cover_image_url, v.id as version_id, v.created_at as version_created_at, v.cog_version, v.openapi_schema`
  const from =
    "from models m join owners o on o.id = m.owner_id left join versions v on v.model_id = m.id and v.id = m.latest_version_id"
  const token = prepare(
    "select o.id, o.username from tokens t join owners o on o.id = t.owner_id where t.hash = ? and t.revoked_at is null and (t.expires_at is null or t.expires_at > ?) and o.disabled_at is null",
  )
  const one = prepare(`select ${columns} ${from} where o.username = ? and m.name = ?`)
  const list = prepare(
    `select ${columns} ${from} where m.visibility = 'public' order by m.listed_at desc, m.id desc limit ?`,
  )
  const insert = prepare(
    `insert into models (owner_id, name, visibility, hardware, run_count, is_official, created_at, updated_at, listed_at) values (?, ?, ?, ?, 0, 0, ?, ?, ?)`,
  )
  const place = db.prepare("update owners set model_count = model_count + 1 where id = ?")
  const words = db.prepare("insert into models_search (rowid, names, description, readme) values (?, ?, '', '')")
  const create = db.transaction((owner, { name, visibility, hardware }) => {
    const at = new Date().toISOString()
    const { lastInsertRowid } = insert.run(owner.id, name, visibility, hardware, at, at, at)
    place.run(owner.id)
    if (visibility === "public") words.run(lastInsertRowid, `${owner.username} ${name}`)
  })
  const find = prepare(
    `select ${columns} ${from} where m.id in (select rowid from models_search where models_search match ? limit 200) order by m.listed_at desc limit 25`,
  )

  /** @param {any} row @param {string} origin */
  const model = (row, origin) => ({
    url: `${origin}/${row.owner}/${row.name}`,
    owner: row.owner,
    name: row.name,
    description: row.description,
    visibility: row.visibility,
    github_url: row.github_url,
    paper_url: row.paper_url,
    license_url: row.license_url,
    weights_url: row.weights_url,
    run_count: row.run_count,
    is_official: row.is_official === 1,
    created_at: row.created_at,
    cover_image_url: row.cover_image_url,
    default_example: null,
    latest_version: row.version_id
      ? {
          id: row.version_id,
          created_at: row.version_created_at,
          cog_version: row.cog_version,
          openapi_schema: JSON.parse(row.openapi_schema),
        }
      : null,
  })
  const page = (/** @type {any[]} */ rows, /** @type {string} */ origin) =>
    JSON.stringify({ next: null, previous: null, results: rows.map((row) => model(row, origin)) })

  return {
    /** @param {string | null | undefined} authorization @returns {any} */
    who: (authorization) =>
      token.get(
        createHash("sha256")
          .update((authorization ?? "").slice(7))
          .digest("hex"),
        new Date().toISOString(),
      ),
    /** @param {string} owner @param {string} name @param {string} origin */
    one(owner, name, origin) {
      const row = one.get(owner, name)
      return row && JSON.stringify(model(row, origin))
    },
    /** @param {number} limit @param {string} origin */
    list: (limit, origin) => page(list.all(limit), origin),
    /** @param {string} word @param {string} origin */
    search: (word, origin) => page(find.all(`"${word.replaceAll('"', "")}"`), origin),
    /** @param {any} owner @param {string} body @param {string} origin */
    create(owner, body, origin) {
      const input = JSON.parse(body)
      if (!/^[a-z0-9][a-z0-9._-]*$/.test(input.name) || input.owner !== owner.username) return undefined
      create.immediate(owner, input)
      return this.one(owner.username, input.name, origin)
    },
  }
}
