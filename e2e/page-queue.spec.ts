import { get, request as ask, type ClientRequest, type IncomingMessage } from "node:http"

import { expect, test } from "./fixtures"
import { ownServer } from "./own-server"
import { temporaryFolder } from "../scripts/temporary-folder.mjs"

const unlimited = { ANONYMOUS_RATE_LIMIT_PER_MINUTE: "0", RATE_LIMIT_PER_MINUTE: "0" }
const folder = temporaryFolder("page-queue")
// One server for both tests.
test.describe.configure({ mode: "default" })
let server: Awaited<ReturnType<typeof ownServer>>
test.beforeAll(async () => void (server = await ownServer(folder, unlimited)))
test.afterAll(() => server?.stop())

async function textOf(response: IncomingMessage) {
  let text = ""
  for await (const chunk of response.setEncoding("utf8")) text += chunk
  return text
}

test("while the API is busy, pages, their heads and the requests of the router are all answered", async () => {
  let busy = true
  const api = Array.from({ length: 8 }, async () => {
    for (let answered = 0; ; answered++) {
      const response = await fetch(`${server.origin}/v1/hardware`)
      await response.arrayBuffer()
      if (!busy) return answered
    }
  })
  // Each has an address of its own, so that none is answered from the page cache.
  const pages = Array.from({ length: 20 }, async (_, n) => {
    const response = await fetch(`${server.origin}/explore?query=page-${n}`, { headers: { accept: "text/html" } })
    return [response.status, (await response.text()).includes(`page-${n}`)]
  })
  const heads = Array.from({ length: 5 }, async (_, n) => {
    const response = await fetch(`${server.origin}/explore?query=head-${n}`, { method: "HEAD" })
    return [response.status, await response.text()]
  })
  const routers = Array.from({ length: 5 }, async (_, n) => {
    const response = await fetch(`${server.origin}/explore?query=router-${n}`, { headers: { rsc: "1" } })
    return [response.status, response.headers.get("content-type"), (await response.text()).includes(`router-${n}`)]
  })
  expect(await Promise.all(pages)).toEqual(pages.map(() => [200, true]))
  expect(await Promise.all(heads)).toEqual(heads.map(() => [200, ""]))
  expect(await Promise.all(routers)).toEqual(routers.map(() => [200, "text/x-component", true]))
  busy = false
  for (const answered of await Promise.all(api)) expect(answered).toBeGreaterThan(0)
})

test("too many pages at once are refused with a page, and whoever leaves makes room", async () => {
  const requests: ClientRequest[] = []
  const refused = await new Promise<IncomingMessage>((resolve, reject) => {
    for (let n = 0; n < 700; n++) {
      const request = get(
        {
          host: "127.0.0.1",
          port: server.port,
          path: `/explore?query=crowd-${n}`,
          headers: { accept: "text/html" },
          agent: false,
        },
        (response) => (response.statusCode === 200 ? response.resume() : resolve(response)),
      )
      requests.push(request.on("error", reject))
    }
  })
  expect(refused.statusCode).toBe(503)
  expect(refused.headers).toMatchObject({ "retry-after": "5", "content-type": "text/html; charset=utf-8" })
  expect(await textOf(refused)).toContain("<h1>Too many pages are requested right now</h1>")
  for (const request of requests) request.on("error", () => {}).destroy()

  const [path, headers] = ["/explore?query=later", { accept: "text/html" }]
  const later = await new Promise<IncomingMessage>((resolve, reject) =>
    ask({ host: "127.0.0.1", port: server.port, path, headers }, resolve).on("error", reject).end(),
  )
  expect(later.statusCode).toBe(200)
  expect(await textOf(later)).toContain("later")
})
