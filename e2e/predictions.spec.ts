import { mkdtempSync, rmSync } from "node:fs"
import { once } from "node:events"
import { createServer } from "node:http"
import { tmpdir } from "node:os"
import path from "node:path"
import { expect, test } from "@playwright/test"
import Replicate, { validateWebhook, type Prediction } from "replicate"
import Stainless from "replicate-stainless"

import { anAccount } from "./accounts"
import { ownServer } from "./own-server"

// The official clients, unchanged, against a server of their own that runs what comes with the product.

let folder: string
let server: Awaited<ReturnType<typeof ownServer>>
let account: Awaited<ReturnType<typeof anAccount>>
let replicate: Replicate
const env = { RUN_BUNDLED: "on", WEBHOOKS_TO_PRIVATE: "1" }

test.beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), "predictions-"))
  server = await ownServer(folder, env)
  account = await anAccount("e2e", folder)
  replicate = new Replicate({ auth: account.token, baseUrl: `${server.origin}/v1` })
})
test.afterAll(async () => {
  await server.stop()
  rmSync(folder, { recursive: true, force: true })
})

test.describe("replicate", () => {
  test("runs a model, by its name and by its version", async () => {
    expect(await replicate.run("understudy/echo", { input: { text: "one two" } })).toEqual(["one", " two"])
    const { latest_version } = await replicate.models.get("understudy", "echo")
    expect(
      await replicate.run(`understudy/echo:${latest_version!.id}`, {
        input: { text: "hello" },
        wait: { mode: "poll", interval: 100 },
      }),
    ).toEqual(["hello"])
  })

  test("polls on where a blocking request was not enough", async () => {
    const output = await replicate.run("understudy/echo", {
      input: { text: "slow", delay: 2 },
      wait: { mode: "block", timeout: 1 },
    })
    expect(output).toEqual(["slow"])
  })

  test("is told of the failure that a model ends with", async () => {
    await expect(replicate.run("understudy/echo", { input: { fail: "as told" } })).rejects.toThrow(
      "Prediction failed: as told",
    )
  })

  test("is told what is wrong with an input, before anything runs", async () => {
    await expect(replicate.run("understudy/echo", { input: { repeat: 100_000 } })).rejects.toThrow(
      /422.*- input\.repeat: Must be less than or equal to 1000/s,
    )
  })

  test("streams", async () => {
    const heard: string[] = []
    for await (const { event, data } of replicate.stream("understudy/echo", { input: { text: "a b c", delay: 0.1 } }))
      if (event === "output") heard.push(data)
    expect(heard.join("")).toBe("a b c")
  })

  test("creates, waits for, cancels and lists predictions", async () => {
    const created = await replicate.predictions.create({ model: "understudy/echo", input: { text: "a", delay: 30 } })
    expect(created.status).toBe("starting")
    const canceled = await replicate.predictions.cancel(created.id)
    expect(canceled.status).toBe("canceled")
    expect((await replicate.predictions.get(created.id)).status).toBe("canceled")

    const waited = await replicate.wait(
      await replicate.predictions.create({ model: "understudy/echo", input: { text: "b" } }),
    )
    expect(waited).toMatchObject({ status: "succeeded", output: ["b"], error: null, source: "api" })
    const seen: Prediction[] = []
    for await (const page of replicate.paginate(replicate.predictions.list)) seen.push(...page)
    expect(seen.map(({ id }) => id)).toEqual(expect.arrayContaining([created.id, waited.id]))
  })

  test("is sent webhooks whose signature it accepts", async () => {
    const bodies: { body: string; headers: Headers }[] = []
    const receiver = createServer(async (request, response) => {
      let body = ""
      for await (const chunk of request) body += chunk
      bodies.push({ body, headers: new Headers(request.headers as Record<string, string>) })
      response.end()
    }).listen(0, "127.0.0.1")
    await once(receiver, "listening")
    const { port } = receiver.address() as { port: number }
    const { id } = await replicate.predictions.create({
      model: "understudy/echo",
      input: { text: "told" },
      webhook: `http://127.0.0.1:${port}/`,
      webhook_events_filter: ["completed"],
    })
    await expect.poll(() => bodies.length, { timeout: 20_000 }).toBe(1)
    const [{ body, headers }] = bodies as [(typeof bodies)[number]]
    expect(JSON.parse(body)).toMatchObject({ id, status: "succeeded", output: ["told"] })
    const { key } = await replicate.webhooks.default.secret.get()
    const request = new Request(`http://127.0.0.1:${port}/`, { method: "POST", body, headers })
    expect(await validateWebhook(request, key!)).toBe(true)
    receiver.close()
  })
})

test("replicate-stainless creates, reads, cancels and lists predictions", async () => {
  const client = new Stainless({ bearerToken: account.token, baseURL: `${server.origin}/v1` })
  const created = await client.predictions.create({
    version: "understudy/echo",
    input: { text: "hello" },
    Prefer: "wait=30",
  })
  expect(created).toMatchObject({ status: "succeeded", output: ["hello"] })
  const { id } = await client.models.predictions.create({
    model_owner: "understudy",
    model_name: "echo",
    input: { delay: 30 },
  })
  expect(await client.predictions.cancel({ prediction_id: id })).toMatchObject({ status: "canceled" })
  const seen = []
  for await (const one of client.predictions.list()) seen.push(one.id)
  expect(seen).toEqual(expect.arrayContaining([created.id, id]))
})

test("what runs while the server is killed is over when it is back, once", async () => {
  const { id } = await replicate.predictions.create({ model: "understudy/echo", input: { text: "a b c", delay: 1 } })
  await expect.poll(async () => (await replicate.predictions.get(id)).status, { timeout: 20_000 }).toBe("processing")
  await server.stop("SIGKILL")
  server = await ownServer(folder, env, server.port)
  await expect
    .poll(async () => (await replicate.predictions.get(id)).status, { timeout: 60_000 })
    .toMatch(/^(succeeded|failed)$/)
  const ended = await replicate.predictions.get(id)
  if (ended.status === "failed") expect(ended.error).toMatch(/^Prediction interrupted/)
  else expect((ended.output as string[]).join("")).toBe("a b c")
  expect(await replicate.run("understudy/echo", { input: { text: "again" } })).toEqual(["again"])
})
