import { createServer, get, type Server, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { expect, test } from "vitest"

import { drain } from "./drain.mjs"

async function serving(answer: Parameters<typeof createServer>[1]) {
  const open = new Set<ServerResponse>()
  const server: Server = createServer((request, response) => {
    open.add(response)
    response.on("close", () => open.delete(response))
    answer?.(request, response as never)
  })
  const leave = drain(server, open)
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening))
  return { leave, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

test("what is being answered is answered to its end, and nothing new is taken", async () => {
  const { leave, url } = await serving((_, response) => void setTimeout(() => response.end("whole"), 300))
  const asked = fetch(url)
  await new Promise((resume) => setTimeout(resume, 50))
  const gone = leave.now()
  expect(await (await asked).text()).toBe("whole")
  await expect(fetch(url)).rejects.toThrow()
  expect(await gone).toBe(false)
})

test("an open event stream ends with its last event, not in the middle of one", async () => {
  const { leave, url } = await serving((_, response) => {
    response.writeHead(200, { "content-type": "text/event-stream" })
    response.write("data: one\n\n")
  })
  const text = new Promise<string>((resolve, reject) => {
    get(url, (response) => {
      let all = ""
      response
        .setEncoding("utf8")
        .on("data", (chunk) => (all += chunk))
        .on("end", () => resolve(all))
        .on("error", reject)
    }).on("error", reject)
  })
  await new Promise((resume) => setTimeout(resume, 100))
  expect(await leave.now()).toBe(false)
  expect(await text).toBe("data: one\n\n")
})
