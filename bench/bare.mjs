// The upper limit: node:http and better-sqlite3, the same SQL and the same token check, no framework, hardly any
// validation.
import { createServer } from "node:http"
import { openAnswers } from "./answers.mjs"

const answers = openAnswers(process.env.DATA_DIR ?? "")

const server = createServer((request, response) => {
  const origin = `http://${request.headers.host}`
  const actor = answers.who(request.headers.authorization)
  if (!actor) return send(401, "{}")
  const url = request.url ?? ""
  if (request.method === "POST") {
    let body = ""
    request
      .setEncoding("utf8")
      .on("data", (chunk) => (body += chunk))
      .on("end", () => send(201, answers.create(actor, body, origin)))
    return
  }
  if (url.startsWith("/v1/models/")) {
    const [, , , owner = "", name = ""] = url.split("/")
    return send(200, answers.one(owner, name, origin))
  }
  const query = new URLSearchParams(url.split("?")[1])
  if (url.startsWith("/v1/search")) return send(200, answers.search(query.get("query") ?? "", origin))
  return send(200, answers.list(Number(query.get("limit") ?? 25), origin))

  /** @param {number} status @param {string | undefined} body */
  function send(status, body) {
    if (body === undefined) [status, body] = [404, "{}"]
    response.writeHead(status, { "content-type": "application/json", "content-length": Buffer.byteLength(body) })
    response.end(body)
  }
})
server.listen(Number(process.env.PORT), "127.0.0.1", () => console.log("the bare server is ready at"))
