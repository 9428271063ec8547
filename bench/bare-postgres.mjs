// The upper limit on PostgreSQL: node:http and postgres.js, the statements of GET one and list 25 and the same bodies,
// no framework, hardly any validation.
import { createHash } from "node:crypto"
import { createServer } from "node:http"
import postgres from "postgres"

const client = postgres(process.env.DATABASE_URL ?? "", { fetch_types: false, max: 10 })

const token = `select "tokens"."id", "tokens"."scopes", "tokens"."model_id", "tokens"."last_used_at", "owners"."id", "owners"."username", "owners"."is_admin" from "tokens" inner join "owners" on "owners"."id" = "tokens"."owner_id" where ("tokens"."hash" = $1 and "tokens"."revoked_at" is null and ("tokens"."expires_at" is null or "tokens"."expires_at" > $2) and "owners"."disabled_at" is null)`
const one = `select "models"."owner_id", "models"."visibility", "models"."hardware", "models"."egress_asked_at", "models"."egress_allowed_at", "models"."run_count", "models"."cached_json" from "models" inner join "owners" on "owners"."id" = "models"."owner_id" where ("owners"."username" = $1 and "models"."name" = $2 and ("models"."visibility" = $3 or $4 like '%,' || "models"."owner_id" || ',%'))`
const list = `select "id", "owner_id", "visibility", "hardware", "egress_asked_at", "egress_allowed_at", "run_count", octet_length("cached_json"), case when octet_length("cached_json") <= 32768 then "cached_json" end, "listed_at" from "models" where "models"."visibility" = $1 order by "models"."listed_at" desc, "models"."id" desc limit $2`

/** @param {string} text @param {(string | number)[]} values @returns {Promise<any[][]>} */
const rows = (text, values) => client.unsafe(text, values, { prepare: true }).values()

const server = createServer(async (request, response) => {
  const origin = `http://${request.headers.host}`
  const hash = createHash("sha256")
    .update((request.headers.authorization ?? "").slice(7))
    .digest("hex")
  const [actor] = await rows(token, [hash, new Date().toISOString()])
  if (!actor) return send(401, "{}")
  const url = request.url ?? ""
  if (url.startsWith("/v1/models/")) {
    const [, , , owner = "", name = ""] = url.split("/")
    const [row] = await rows(one, [owner, name, "public", `,${actor[4]},`])
    if (!row) return send(404, "{}")
    const [owner_id, , hardware, , , runs, json] = row
    const text = shown(json, runs, origin)
    return send(200, owner_id === actor[4] ? `${text.slice(0, -1)},"hardware":"${hardware}","egress":"none"}` : text)
  }
  const limit = Number(new URLSearchParams(url.split("?")[1]).get("limit") ?? 25)
  const models = await rows(list, ["public", limit + 1])
  const { 9: at, 0: id } = models[limit - 1] ?? {}
  const cursor = Buffer.from(JSON.stringify([at, Number(id)])).toString("base64url")
  const next = models.length > limit ? `"${origin}/v1/models?cursor=${cursor}"` : "null"
  const results = models.slice(0, limit).map(({ 8: json, 6: runs }) => shown(json, runs, origin))
  send(200, `{"next":${next},"previous":null,"results":[${results.join(",")}]}`)

  /** @param {number} status @param {string} body */
  function send(status, body) {
    response.writeHead(status, { "content-type": "application/json", "content-length": Buffer.byteLength(body) })
    response.end(body)
  }
})

/** @param {string} json @param {string} runs @param {string} origin */
const shown = (json, runs, origin) => json.replace("\t", runs).replaceAll("\n", origin)

server.listen(Number(process.env.PORT), "127.0.0.1", () => console.log("the bare server is ready at"))
