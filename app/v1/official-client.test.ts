import { once } from "node:events"
import { readFileSync } from "node:fs"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import Replicate, { validateWebhook, type Prediction } from "replicate"
import Stainless from "replicate-stainless"
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest"

import { env } from "@/env"
import { publishBundledModels } from "@/lib/bundled/publish"
import { anAccount, aToken } from "@/lib/test/factories"
import { aRunningHub } from "@/lib/test/running"
import { startSender } from "@/lib/webhooks/sender"
import { buildApi } from "./api"

// The official clients, unchanged, over HTTP, with a runner that runs what comes with the product.

let api: Awaited<ReturnType<typeof buildApi>>
let hub: Awaited<ReturnType<typeof aRunningHub>>
let stopSender: () => Promise<void>
let replicate: Replicate
let auth: string
let username: string
let baseUrl: string
beforeAll(async () => {
  env.RUN_BUNDLED = "on"
  env.WEBHOOKS_TO_PRIVATE = "1"
  await publishBundledModels()
  hub = await aRunningHub()
  stopSender = startSender({ report: () => {} })
  api = await buildApi()
  baseUrl = `${await api.listen({ host: "127.0.0.1", port: 0 })}/v1`
  const { actor } = await anAccount()
  username = actor.username
  auth = await aToken(actor)
  replicate = new Replicate({ auth, baseUrl })
})
afterAll(async () => {
  await api.close()
  await stopSender()
  await hub.close()
})

describe("replicate", () => {
  test("runs a model, by its name and by its version", async () => {
    expect(await replicate.run("understudy/echo", { input: { text: "one two" } })).toEqual(["one", " two"])
    const { latest_version } = await replicate.models.get("understudy", "echo")
    const polling = { mode: "poll", interval: 100 } as const
    expect(
      await replicate.run(`understudy/echo:${latest_version!.id}`, { input: { text: "hello" }, wait: polling }),
    ).toEqual(["hello"])
  })

  test("polls on where a blocking request was not enough", async () => {
    const wait = { mode: "block", timeout: 1 } as const
    expect(await replicate.run("understudy/echo", { input: { text: "slow", delay: 2 }, wait })).toEqual(["slow"])
  })

  test("is told of the failure that a model ends with", async () => {
    await expect(replicate.run("understudy/echo", { input: { fail: "as told" } })).rejects.toThrow("as told")
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
    expect((await replicate.predictions.cancel(created.id)).status).toBe("canceled")
    expect((await replicate.predictions.get(created.id)).status).toBe("canceled")

    const waited = await replicate.wait(
      await replicate.predictions.create({ model: "understudy/echo", input: { text: "b" } }),
    )
    expect(waited).toMatchObject({ status: "succeeded", output: ["b"], error: null, source: "api" })
    const seen: Prediction[] = []
    for await (const page of replicate.paginate(replicate.predictions.list)) seen.push(...page)
    expect(seen.map(({ id }) => id)).toEqual(expect.arrayContaining([created.id, waited.id]))
  })

  test("uploads a file for an input, and reads the one that a model made", async () => {
    const file = await replicate.files.create(new Blob(["hello"], { type: "text/plain" }))
    const output = await replicate.run("understudy/echo", { input: { text: "a", file: file.urls.get } })
    expect(output).toEqual(["a"])
    const spoken = (await replicate.run("understudy/speak", { input: { text: "Hello." } })) as unknown as string
    expect(spoken).toMatch(/^http:.*\/files\/.*\.wav$/)
  })

  test("is sent webhooks whose signature it accepts", async () => {
    const sent: { body: string; headers: Headers }[] = []
    const receiver = createServer(async (request, response) => {
      let body = ""
      for await (const chunk of request) body += chunk
      sent.push({ body, headers: new Headers(request.headers as Record<string, string>) })
      response.end()
    }).listen(0, "127.0.0.1")
    await once(receiver, "listening")
    const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`
    const { id } = await replicate.predictions.create({
      model: "understudy/echo",
      input: { text: "told" },
      webhook: url,
      webhook_events_filter: ["completed"],
    })
    await vi.waitFor(() => expect(sent).toHaveLength(1), { timeout: 20_000 })
    const { body, headers } = sent[0]!
    expect(JSON.parse(body)).toMatchObject({
      id,
      status: "succeeded",
      output: ["told"],
      urls: { get: `${baseUrl}/predictions/${id}` },
    })
    const { key } = await replicate.webhooks.default.secret.get()
    expect(await validateWebhook(new Request(url, { method: "POST", body, headers }), key!)).toBe(true)
    receiver.close()
  })
})

describe("trainings", () => {
  const examples = `data:text/csv;base64,${readFileSync("lib/test/examples/tickets.csv").toString("base64")}`

  test("replicate creates, polls, lists and cancels them, and runs what came of one", async () => {
    await replicate.models.create(username, "tickets", { visibility: "private", hardware: "cpu-small" })
    const { latest_version } = await replicate.models.get("understudy", "classify-text")
    const train = (input: object) =>
      replicate.trainings.create("understudy", "classify-text", latest_version!.id, {
        destination: `${username}/tickets`,
        input,
      })
    const created = await train({ examples, epochs: 20 })
    expect(created).toMatchObject({ status: "starting", destination: `${username}/tickets` })
    const canceled = await train({ examples, epochs: 1000 })
    expect((await replicate.trainings.cancel(canceled.id)).status).toBe("canceled")

    const trained = await vi.waitFor(
      async () => {
        const now = await replicate.trainings.get(created.id)
        expect(now.status).toBe("succeeded")
        return now
      },
      { timeout: 50_000, interval: 100 },
    )
    expect(trained.logs).toMatch(/loss=/)
    expect(trained.output!.weights).toMatch(/^http/)
    const input = { text: "The app crashes with an error after I sign in" }
    expect(await replicate.run(trained.output!.version as `${string}/${string}:${string}`, { input })).toMatchObject({
      label: "bug",
    })
    expect((await replicate.trainings.list()).results.map(({ id }) => id)).toEqual([canceled.id, created.id])
  })

  test("replicate is told that a destination does not exist", async () => {
    const { latest_version } = await replicate.models.get("understudy", "classify-text")
    await expect(
      replicate.trainings.create("understudy", "classify-text", latest_version!.id, {
        destination: `${username}/nothing`,
        input: { examples },
      }),
    ).rejects.toThrow(/404.*The specified training destination does not exist/s)
  })
})

test("replicate-stainless creates, reads, cancels and lists predictions", async () => {
  const client = new Stainless({ bearerToken: auth, baseURL: baseUrl })
  const created = await client.predictions.create({
    version: "understudy/echo",
    input: { text: "hi" },
    Prefer: "wait=30",
  })
  expect(created).toMatchObject({ status: "succeeded", output: ["hi"] })
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
