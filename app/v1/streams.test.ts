import { createServer, request as ask, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { eq } from "drizzle-orm"
import Replicate from "replicate"
import { afterAll, beforeAll, expect, test, vi } from "vitest"

import { write } from "@/db"
import { predictions } from "@/db/schema"
import { now } from "@/lib/clock"
import { publishPrediction } from "@/lib/predictions/channel"
import type { Prediction } from "@/lib/predictions/row"
import { streamSecretOf } from "@/lib/predictions/stream-address"
import { reserveAccountStream } from "@/lib/rate-limits/streams"
import { apiFor } from "@/lib/test/api"
import { anAccount } from "@/lib/test/factories"
import { aRun } from "@/lib/test/runs"

let server: Server
let origin: string
let port: number
const responses: ServerResponse[] = []
beforeAll(async () => {
  const { api } = await apiFor()
  server = createServer(api.routing).on("request", (_, response) => responses.push(response))
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready))
  port = (server.address() as AddressInfo).port
  origin = `http://127.0.0.1:${port}`
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})

/** A running prediction, with functions that report output and the end as its model does. */
async function aStream() {
  const { actor } = await anAccount()
  let prediction: Prediction = { ...(await aRun(actor, { streams: "text" })), model: "a/b" }
  const update = (fields: Partial<Prediction>) => {
    prediction = { ...prediction, ...fields }
    publishPrediction(prediction)
  }
  return {
    id: prediction.id,
    owner_id: prediction.owner_id,
    path: `/v1/streams/${streamSecretOf(prediction.id)}`,
    say: (...parts: unknown[]) =>
      update({ status: "processing", output: [...((prediction.output as unknown[]) ?? []), ...parts] }),
    async end(status: Prediction["status"], fields: Partial<Prediction> = {}) {
      const ended = { status, completed_at: now(), output: prediction.output, ...fields }
      await write(
        async (tx) => void (await tx.update(predictions).set(ended).where(eq(predictions.number, prediction.number))),
      )
      update(ended)
    },
  }
}

type Watched = { response: IncomingMessage; text: () => string; ended: Promise<void>; leave: () => void }
function watch(path: string, headers: Record<string, string> = {}): Promise<Watched> {
  return new Promise((resolve, reject) => {
    const asking = ask({ port, host: "127.0.0.1", path, headers, agent: false }, (response) => {
      let text = ""
      response.setEncoding("utf8").on("data", (chunk) => (text += chunk))
      const ended = new Promise<void>((done) => response.on("close", done))
      resolve({ response, text: () => text, ended, leave: () => asking.destroy() })
    })
    asking.on("error", reject).end()
  })
}
/** The events of a stream as `position event data`, without the creation time that is part of their IDs. */
const eventsIn = (text: string) =>
  text
    .split("\n\n")
    .filter((block) => block.startsWith("event"))
    .map((block) => {
      const line = (name: string) => [...block.matchAll(new RegExp(`^${name}: (.*)$`, "gm"))].map(([, value]) => value)
      return `${line("id")[0]!.split(":")[1]} ${line("event")[0]} ${line("data").join("\\n")}`
    })

test("a watcher hears every part as it is made, and the end, without a token", async () => {
  const stream = await aStream()
  const watched = await watch(stream.path)
  expect(watched.response.statusCode).toBe(200)
  expect(watched.response.headers).toMatchObject({
    "content-type": "text/event-stream",
    "cache-control": "no-store, no-transform",
    "access-control-allow-origin": "*",
  })
  await vi.waitUntil(() => watched.text() === ": hi\n\n")
  const began = performance.now()
  stream.say("one\ntwo ")
  await vi.waitUntil(() => watched.text().includes("two"), { interval: 1 })
  expect(performance.now() - began).toBeLessThan(250)
  stream.say("💥", "end")
  await stream.end("succeeded")
  await watched.ended
  expect(eventsIn(watched.text())).toEqual(["1 output one\\ntwo ", "2 output 💥", "3 output end", "4 done {}"])
})

test("several watch, and who comes late hears it from the beginning, also when it is over", async () => {
  const stream = await aStream()
  const first = await watch(stream.path)
  stream.say("a")
  const second = await watch(stream.path)
  stream.say("b")
  await stream.end("canceled")
  await Promise.all([first.ended, second.ended])
  const late = await watch(stream.path)
  await late.ended
  for (const one of [first, second, late])
    expect(eventsIn(one.text())).toEqual(["1 output a", "2 output b", '3 done {"reason":"canceled"}'])
})

test("who comes back goes on behind what it heard last, and who heard the end is told to stop", async () => {
  const stream = await aStream()
  stream.say("a", "b", "c")
  const first = await watch(stream.path)
  await vi.waitUntil(() => eventsIn(first.text()).length === 3)
  const last = [...first.text().matchAll(/^id: (.*)$/gm)][1]![1]!
  first.leave()
  const again = await watch(stream.path, { "last-event-id": last })
  await stream.end("failed", { error: "it broke" })
  await again.ended
  expect(eventsIn(again.text())).toEqual(["3 output c", '4 error {"detail":"it broke"}', '5 done {"reason":"error"}'])
  const end = [...again.text().matchAll(/^id: (.*)$/gm)].at(-1)![1]!
  expect((await watch(stream.path, { "last-event-id": end })).response.statusCode).toBe(204)
})

test("who waits for a model that says nothing hears a comment every ten seconds, and no end", async () => {
  const stream = await aStream()
  const watched = await watch(stream.path)
  await vi.waitUntil(() => watched.text() === ": hi\n\n: heartbeat\n\n", { timeout: 11_000 })
  stream.say("a")
  await vi.waitUntil(() => eventsIn(watched.text()).length === 1)
  watched.leave()
})

test("an address that is not ours, or of a prediction that is gone or was emptied, leads nowhere", async () => {
  const stream = await aStream()
  for (const path of [
    stream.path.slice(0, -1),
    `${stream.path}x`,
    `/v1/streams/${stream.id}`,
    `/v1/streams/${streamSecretOf("0".repeat(26))}`,
    `/v1/files/${stream.id}/stream`,
  ])
    expect((await watch(path)).response.statusCode).toBe(404)
  await stream.end("succeeded", { data_removed: true, output: null })
  expect((await watch(stream.path)).response.statusCode).toBe(404)
})

test("the streams of an account are limited, and one that ends makes room", async () => {
  const stream = await aStream()
  const others = Array.from({ length: 999 }, () => reserveAccountStream(stream.owner_id))
  const watched = await watch(stream.path)
  expect(watched.response.statusCode).toBe(200)
  expect((await watch(stream.path)).response.statusCode).toBe(429)
  const another = await aStream()
  const there = await watch(another.path)
  expect(there.response.statusCode).toBe(200)
  there.leave()
  watched.leave()
  await vi.waitUntil(async () => {
    const again = await watch(stream.path)
    again.leave()
    return again.response.statusCode === 200
  })
  for (const release of others) release()
})

test("a slow reader fills no memory, and hears everything once it reads", async () => {
  const stream = await aStream()
  const part = "x".repeat(100_000)
  const slow = await watch(stream.path)
  slow.response.pause()
  for (let n = 0; n < 200; n++) stream.say(part)
  await new Promise((resume) => setTimeout(resume, 200))
  // 20 MB wait, of which the server may hold little beyond what the system's buffers took.
  expect(responses.some((response) => response.writableNeedDrain)).toBe(true)
  expect(responses.reduce((sum, { writableLength }) => sum + writableLength, 0)).toBeLessThan(1_000_000)
  await stream.end("succeeded")
  slow.response.resume()
  await slow.ended
  expect(eventsIn(slow.text())).toHaveLength(201)
})

test("a thousand streams take little memory, and each hears the first word soon", async () => {
  const stream = await aStream()
  const before = process.memoryUsage().rss
  const watched = await Promise.all(Array.from({ length: 1000 }, () => watch(stream.path)))
  // This includes the memory of the clients, which run in the same process.
  expect((process.memoryUsage().rss - before) / 1024 / 1024).toBeLessThan(160)
  stream.say("word")
  await stream.end("succeeded")
  await Promise.all(watched.map(({ ended }) => ended))
  for (const { text } of watched) expect(eventsIn(text())).toEqual(["1 output word", "2 done {}"])
})

test("the official JavaScript client streams text and files unchanged", async () => {
  const stream = await aStream()
  const answerWith = (path: string) => async (input: Request | URL | string, init?: RequestInit) => {
    if (init?.method !== "POST") return fetch(input, init)
    return Response.json({ id: stream.id, urls: { stream: origin + path } }, { status: 201 })
  }
  const replicate = (path: string) =>
    new Replicate({ auth: "r8_x", baseUrl: `${origin}/v1`, fetch: answerWith(path) as typeof fetch })
  stream.say("Hello, ", "größe 💥")
  const heard: string[] = []
  const listening = (async () => {
    for await (const event of replicate(stream.path).stream("a/b", { input: {} })) heard.push(`${event.event} ${event}`)
  })()
  await vi.waitUntil(() => heard.length === 2)
  await stream.end("succeeded")
  await listening
  expect(heard).toEqual(["output Hello, ", "output größe 💥", "done "])

  const files = await aStream()
  files.say(`understudy:/files/${"0".repeat(26)}/a.png`)
  await files.end("succeeded")
  const made = []
  const path = files.path.replace("/v1/streams/", "/v1/files/") + "/stream"
  for await (const event of replicate(path).stream("a/b", { input: {} }))
    if (event.event === "output") made.push((event.data as unknown as { url(): URL }).url().href)
  expect(made).toEqual([`${origin}/files/${"0".repeat(26)}/a.png`])

  const broken = await aStream()
  await broken.end("failed", { error: "it broke" })
  const failing = async () => {
    for await (const _ of replicate(broken.path).stream("a/b", { input: {} }));
  }
  await expect(failing()).rejects.toThrow("it broke")
})
