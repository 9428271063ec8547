// Next's own server with route handlers and nothing in front, like `next start`.
import { createServer } from "node:http"
import { fileURLToPath } from "node:url"
import next from "next"

const app = next({
  dev: false,
  dir: fileURLToPath(new URL("next", import.meta.url)),
  hostname: "localhost",
  port: Number(process.env.PORT),
})
await app.prepare()
const handle = app.getRequestHandler()
createServer((request, response) => handle(request, response)).listen(Number(process.env.PORT), "127.0.0.1", () =>
  console.log("Next is ready"),
)
