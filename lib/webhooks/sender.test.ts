import { createServer, type RequestListener, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import { text } from "node:stream/consumers"
import { eq } from "drizzle-orm"
import { validateWebhook } from "replicate"
import { Webhook } from "standardwebhooks"
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest"

import { read, write } from "@/db"
import { deliveries, predictions, webhook_secrets } from "@/db/schema"
import { env } from "@/env"
import { fromNow, now } from "@/lib/clock"
import { aMember, anOrganization, anAccount } from "@/lib/test/factories"
import { aRun } from "@/lib/test/runs"
import { listDeliveries, sendAgain, sendTest } from "./delivery"
import { forgetDeliveriesOf, queueDelivery } from "./queue"
import { getWebhookSecret, rotateWebhookSecret, showWebhookSecret, signingSecrets } from "./secret"
import { retries, startSender } from "./sender"
import { signedHeaders } from "./sign"

type Received = { url: string; headers: Record<string, string>; body: string; at: number }
let receiver: Server
let port: number
let received: Received[] = []
let answer: RequestListener
let stop: (() => Promise<void>) | undefined
const settings = { ...env }
const complaints: unknown[] = []

beforeAll(async () => {
  receiver = createServer(async (request, response) => {
    const body = await text(request)
    received.push({ url: request.url!, headers: request.headers as Record<string, string>, body, at: Date.now() })
    answer(request, response)
  })
  await new Promise<void>((ready) => receiver.listen(0, "127.0.0.1", ready))
  port = (receiver.address() as AddressInfo).port
})
afterAll(() => {
  receiver.closeAllConnections()
  receiver.close()
})
beforeEach(() => {
  received = []
  answer = (_request, response) => response.end("thank you")
  env.WEBHOOKS_TO_PRIVATE = "1"
  stop = startSender({ report: (error) => complaints.push(error), answerWithin: 400 })
})
afterEach(async () => {
  await stop?.()
  Object.assign(env, settings)
  await write(async (tx) => void (await tx.delete(deliveries)))
  expect(complaints.splice(0)).toEqual([])
})

const here = (path = "/hook") => `http://127.0.0.1:${port}${path}`
type Event = Parameters<typeof queueDelivery>[2]
const run = async (webhook: string | null = here(), webhook_events_filter: Event[] | null = null) => {
  const { owner, actor } = await anAccount()
  return { ...(await aRun(actor, { webhook, webhook_events_filter })), actor, account: owner }
}
const owe = (run: Parameters<typeof queueDelivery>[1], event: Event, body: object = { id: "a", status: event }) =>
  write((tx) => queueDelivery(tx, run, event, () => body))
const rows = () => read().select().from(deliveries)
const until = (condition: () => unknown) => vi.waitUntil(condition, { timeout: 10_000, interval: 20 })
const over = () => until(async () => (await rows()).every(({ next_attempt_at }) => next_attempt_at === null))
const dueNow = () => write(async (tx) => void (await tx.update(deliveries).set({ next_attempt_at: fromNow(0) })))

test("the signature is the one of the contract", () => {
  const at = new Date(1614265330 * 1000)
  const vector = { id: "msg_p5jXN8AQM9LWM0D4loKWxJek", body: '{"test": 2432232314}', at }
  expect(signedHeaders(["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"], vector)).toEqual({
    "webhook-id": vector.id,
    "webhook-timestamp": "1614265330",
    "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
  })
})

test("a webhook arrives with the prediction, signed so that the official clients and the standard's own library take it", async () => {
  const one = await run()
  const body = { id: "abc", output: ["größe 💥"], status: "succeeded" }
  await owe(one, "completed", body)
  await over()
  expect(received).toHaveLength(1)
  const [{ headers, ...got }] = received as [Received]
  expect(got).toMatchObject({ url: "/hook", body: JSON.stringify(body) })
  expect(headers["content-type"]).toBe("application/json")
  const secret = await getWebhookSecret({ owner_id: one.owner_id })
  expect(new Webhook(secret).verify(got.body, headers)).toEqual(body)
  const request = new Request(here(), { method: "POST", headers, body: got.body })
  expect(await validateWebhook(request, secret)).toBe(true)
  expect((await rows())[0]).toMatchObject({ status: 200, error: null, attempts: 1, delivered_at: expect.any(String) })
})

test("only what was asked for is told: outputs and the end, unless something else was", async () => {
  const [usual, starts, silent] = [await run(), await run(here("/starts"), ["start"]), await run(null)]
  for (const one of [usual, starts, silent])
    for (const event of ["start", "logs", "output"] as const) await owe(one, event)
  await over()
  expect(received.map(({ url, body }) => [url, JSON.parse(body).status]).sort()).toEqual([
    ["/hook", "output"],
    ["/starts", "start"],
  ])
})

test("what is rolled back with its transaction is not sent", async () => {
  const one = await run()
  const failing = write(async (tx) => {
    await queueDelivery(tx, one, "completed", () => ({}))
    throw new Error("no")
  })
  await expect(failing).rejects.toThrow("no")
  expect(await rows()).toEqual([])
})

test("outputs are told at most every half second, with what is newest then, and the end comes last", async () => {
  const one = await run(here(), ["start", "output", "logs", "completed"])
  const began = performance.now()
  await owe(one, "start", { n: "start" })
  for (let n = 0; n < 30; n++) {
    await owe(one, n % 2 ? "output" : "logs", { n })
    await new Promise((resume) => setTimeout(resume, 50))
  }
  await owe(one, "completed", { n: "end" })
  await over()
  const halfSeconds = (performance.now() - began) / 500
  const told = received.map(({ body }) => JSON.parse(body).n)
  expect(told[0]).toBe("start")
  expect(told.at(-1)).toBe("end")
  const between = received.slice(1, -1)
  expect(between.length).toBeGreaterThanOrEqual(2)
  expect(between.length).toBeLessThanOrEqual(halfSeconds + 2)
  for (const [n, { at }] of between.entries()) if (n > 0) expect(at - between[n - 1]!.at).toBeGreaterThan(450)
  const kept = (await rows()).map(({ event }) => event)
  expect(kept.filter((event) => event === "output" || event === "logs").length).toBeLessThanOrEqual(1)
})

test("the end is tried again until it is taken, under the same id, less and less often; what came before it is not", async () => {
  let refusals = 2
  answer = (_request, response) => response.writeHead(refusals-- > 0 ? 500 : 204).end()
  const one = await run(here(), ["output", "completed"])
  await owe(one, "completed")
  await until(() => received.length === 1)
  await until(async () => (await rows())[0]!.attempts === 1)
  const [failed] = await rows()
  expect(failed).toMatchObject({ status: 500, error: "The receiver answered 500.", delivered_at: null })
  const wait = Date.parse(failed!.next_attempt_at!) - Date.parse(failed!.attempted_at!)
  expect(Math.abs(wait - retries[0]! * 1000)).toBeLessThan(200)
  await dueNow()
  await until(async () => (await rows())[0]!.attempts === 2)
  await dueNow()
  await over()
  expect((await rows())[0]).toMatchObject({ status: 204, attempts: 3, error: null, delivered_at: expect.any(String) })
  expect(new Set(received.map(({ headers }) => headers["webhook-id"])).size).toBe(1)
  // The third retry is about a minute after the end.
  expect(retries.slice(0, 3).reduce((sum, wait) => sum + wait)).toBe(60)

  refusals = 1
  const other = await run(here("/between"))
  await owe(other, "output")
  await over()
  expect(received.filter(({ url }) => url === "/between")).toHaveLength(1)
})

test("after the last try it is over", async () => {
  answer = (_request, response) => response.writeHead(503).end()
  await owe(await run(), "completed")
  for (let n = 1; n <= retries.length + 1; n++) {
    await until(async () => (await rows())[0]!.attempts === n)
    if (n <= retries.length) await dueNow()
  }
  expect((await rows())[0]!.next_attempt_at).toBeNull()
})

test("a redirect is not followed, and where it leads is told", async () => {
  answer = (_request, response) => response.writeHead(301, { location: "http://127.0.0.1:1/elsewhere" }).end()
  await owe(await run(), "output")
  await over()
  expect(received).toHaveLength(1)
  expect((await rows())[0]).toMatchObject({
    status: 301,
    error: expect.stringContaining("redirects to http://127.0.0.1:1/elsewhere"),
  })
})

test.each(["127.0.0.1", "2130706433", "[::ffff:127.0.0.1]", "localhost", "169.254.169.254"])(
  "%s is not visited unless the operator allows it, and not tried again",
  async (host) => {
    env.WEBHOOKS_TO_PRIVATE = "0"
    await owe(await run(`http://${host}:${port}/hook`), "completed")
    await over()
    expect(received).toEqual([])
    expect((await rows())[0]).toMatchObject({
      status: null,
      attempts: 1,
      error: expect.stringContaining("WEBHOOKS_TO_PRIVATE"),
    })
  },
)

test("who hangs, hangs up, or sends a gigabyte costs a few seconds of a connection, and keeps nobody else waiting", async () => {
  const before = process.memoryUsage().rss
  answer = (request, response) => {
    if (request.url === "/hangs") return
    if (request.url === "/leaves") return request.socket.destroy()
    if (request.url === "/floods") {
      const more = () => {
        while (!response.destroyed && response.write(Buffer.alloc(1 << 20)));
      }
      response.on("drain", more)
      return more()
    }
    response.end()
  }
  for (let n = 0; n < 12; n++)
    for (const path of ["/hangs", "/leaves", "/floods"]) await owe(await run(here(path)), "output")
  const other = createServer((_request, response) => response.end())
  await new Promise<void>((ready) => other.listen(0, "127.0.0.1", ready))
  const good = await run(`http://127.0.0.1:${(other.address() as AddressInfo).port}/good`)
  const began = Date.now()
  await owe(good, "completed")
  await until(async () =>
    (await rows()).some(({ prediction, delivered_at }) => prediction === good.number && delivered_at),
  )
  expect(Date.now() - began).toBeLessThan(1500)
  await over()
  const said = (path: string) => rows().then((all) => all.filter(({ url }) => url.endsWith(path)))
  for (const { error } of await said("/hangs")) expect(error).toContain("did not answer in time")
  for (const { error } of await said("/leaves")) expect(error).toContain("could not be reached")
  for (const { status } of await said("/floods")) expect(status).toBe(200)
  expect(process.memoryUsage().rss - before).toBeLessThan(150 * 1024 * 1024)
  other.close()
})

test("several senders send everything once, and what one leaves behind another one takes over", async () => {
  const others = [1, 2, 3].map(() => startSender({ report: (error) => complaints.push(error) }))
  const all = []
  for (let n = 0; n < 40; n++) all.push(await run(here(`/${n}`)))
  for (const one of all) await owe(one, "completed")
  await over()
  expect(received.map(({ url }) => url).sort()).toEqual(all.map((_, n) => `/${n}`).sort())
  await Promise.all(others.map((end) => end()))

  // Simulates a process that was killed during an attempt.
  const one = await run(here("/left"))
  await stop!()
  await owe(one, "completed")
  const lease = (leased_until: string) => write(async (tx) => void (await tx.update(deliveries).set({ leased_until })))
  await lease(fromNow(60))
  stop = startSender({ report: (error) => complaints.push(error) })
  await new Promise((resume) => setTimeout(resume, 700))
  expect(received.some(({ url }) => url === "/left")).toBe(false)
  await lease(fromNow(-1))
  await until(() => received.some(({ url }) => url === "/left"))
})

test("a sender that is stopped while it sends leaves it to the next one, and it counts as no try", async () => {
  answer = () => {}
  await owe(await run(), "completed")
  await until(() => received.length === 1)
  await stop!()
  expect((await rows())[0]).toMatchObject({ attempts: 0, leased_until: null, next_attempt_at: expect.any(String) })
  stop = undefined
})

test.each([
  ["full", 100_000, 100_000],
  ["tail", 60_000, 60_000],
  ["tail", 100_000, 64 * 1024],
  ["none", 100, 0],
] as const)("with WEBHOOK_LOGS=%s, of %i bytes of logs about %i are sent", async (mode, size, sent) => {
  env.WEBHOOK_LOGS = mode
  await owe(await run(), "completed", { logs: "größer\n".repeat(size / 10).padEnd(size - size / 5, "x") })
  await over()
  const { logs } = JSON.parse(received[0]!.body)
  expect(Math.abs(Buffer.byteLength(logs) - sent)).toBeLessThan(5000)
  if (mode === "tail" && size > 65_536) expect(logs).toMatch(/^\[Earlier logs are left out\.\]\n/)
  expect(logs).not.toContain("\ufffd")
})

test("for a day both secrets count, and then the new one alone", async () => {
  const { actor, account, ...one } = await run()
  const old = await getWebhookSecret(actor)
  await rotateWebhookSecret(actor, account)
  const fresh = await getWebhookSecret(actor)
  expect(fresh).not.toBe(old)
  expect(await signingSecrets(account.id)).toEqual([fresh, old])
  expect((await showWebhookSecret(actor, account)).previous_until).not.toBeNull()
  await owe(one, "completed")
  await over()
  for (const secret of [old, fresh]) new Webhook(secret).verify(received[0]!.body, received[0]!.headers)
  await write(async (tx) => void (await tx.update(webhook_secrets).set({ rotated_at: fromNow(-24 * 3600 - 1) })))
  expect(await signingSecrets(account.id)).toEqual([fresh])
  expect(await showWebhookSecret(actor, account)).toEqual({ secret: fresh, previous_until: null })
})

test("deliveries are listed newest first to who keeps the tokens of the account, and sent again as they were", async () => {
  const { actor, account, ...one } = await run()
  await owe(one, "completed", { n: 1 })
  await over()
  const { rows: listed } = await listDeliveries(actor, account)
  expect(listed).toMatchObject([
    { event: "completed", status: 200, prediction_id: one.id, sendable: true, url: here() },
  ])
  answer = (_request, response) => response.writeHead(400).end()
  await sendAgain(actor, account, listed[0]!.id)
  await until(async () => (await rows())[0]!.attempts === 2)
  expect(received[1]!.body).toBe(received[0]!.body)
  expect(received[1]!.headers["webhook-id"]).toBe(received[0]!.headers["webhook-id"])
  expect((await listDeliveries(actor, account)).rows[0]).toMatchObject({ status: 400, attempts: 2, delivered_at: null })

  const { actor: eve, owner: eves } = await anAccount()
  await expect(sendAgain(eve, eves, listed[0]!.id)).rejects.toMatchObject({ kind: "missing" })
  await expect(listDeliveries(eve, account)).rejects.toMatchObject({ kind: "missing" })
  const { organization, actor: boss } = await anOrganization()
  const developer = await aMember(boss, organization, "developer")
  await expect(listDeliveries(developer, organization)).rejects.toMatchObject({ kind: "forbidden" })
  await expect(rotateWebhookSecret(developer, organization)).rejects.toMatchObject({ kind: "forbidden" })
  expect((await listDeliveries(boss, organization)).rows).toEqual([])
})

test("a test is sent to any address and listed, and tried once", async () => {
  const { owner, actor } = await anAccount()
  answer = (_request, response) => response.writeHead(500).end()
  await sendTest(actor, owner, { url: here("/try") }, "https://models.example.com")
  await over()
  expect(JSON.parse(received[0]!.body)).toMatchObject({ status: "succeeded", test: true })
  expect((await listDeliveries(actor, owner)).rows).toMatchObject([{ event: "test", status: 500, attempts: 1 }])
  for (const url of ["", "ftp://example.com", "https://a:b@example.com/", "x".repeat(3000)])
    await expect(sendTest(actor, owner, { url }, "https://x.example")).rejects.toThrow()
})

test("with the data of a prediction goes what was told of it, and what was still to be told", async () => {
  const { actor, account, ...one } = await run()
  await owe(one, "completed")
  await over()
  await stop!()
  stop = undefined
  await owe(one, "completed")
  await write((tx) => forgetDeliveriesOf(tx, [one.number]))
  expect((await rows()).map(({ body, next_attempt_at }) => [body, next_attempt_at])).toEqual([
    [null, null],
    [null, null],
  ])
  const { rows: listed } = await listDeliveries(actor, account)
  expect(listed.map(({ sendable }) => sendable)).toEqual([false, false])
  await expect(sendAgain(actor, account, listed[0]!.id)).rejects.toMatchObject({ kind: "conflict" })
  await write(async (tx) => void (await tx.delete(predictions).where(eq(predictions.number, one.number))))
  expect(await rows()).toEqual([])
})

test("where the clock was set back by an hour, everything is sent once, and tried again no sooner", async () => {
  const ahead = Date.now() + 3_600_000
  const clock = vi.spyOn(Date, "now").mockReturnValue(ahead)
  now()
  clock.mockRestore()
  answer = (request, response) =>
    void setTimeout(() => response.writeHead(request.url === "/fails" ? 500 : 204).end(), 300)
  await owe(await run(), "completed")
  await owe(await run(here("/fails")), "completed")
  await until(async () => (await rows()).every(({ attempts }) => attempts > 0))
  await new Promise((resume) => setTimeout(resume, 1500))
  expect(received.map(({ url }) => url).sort()).toEqual(["/fails", "/hook"])
})
