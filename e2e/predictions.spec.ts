import { execFile } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { once } from "node:events"
import { createServer } from "node:http"
import { tmpdir } from "node:os"
import path from "node:path"
import { promisify } from "node:util"
import { expect, test } from "@playwright/test"
import Replicate, { validateWebhook, type FileOutput, type Prediction } from "replicate"
import Stainless from "replicate-stainless"

import { clientsFolder, clientsInstalled } from "@/scripts/clients.mjs"
import { anAccount } from "./accounts"
import { httpsInFrontOf } from "./https-front"
import { withTools } from "./mcp"
import { ownServer } from "./own-server"

// Unmodified clients, against a separate server that runs the bundled models.

let folder: string
let server: Awaited<ReturnType<typeof ownServer>>
let account: Awaited<ReturnType<typeof anAccount>>
let replicate: Replicate
const env = { RUN_BUNDLED: "on", WEBHOOKS_TO_PRIVATE: "1", TRUST_PROXY: "1" }

// One server for all tests: the last one kills it.
test.describe.configure({ mode: "default" })
test.beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), "predictions-"))
  server = await ownServer(folder, env)
  account = await anAccount("e2e", server.origin)
  replicate = new Replicate({ auth: account.token, baseUrl: `${server.origin}/v1` })
})
test.afterAll(async () => {
  await server.stop()
  rmSync(folder, { recursive: true, force: true })
})

const versionOfEcho = async () => (await replicate.models.get("understudy", "echo")).latest_version!.id

test.describe("replicate", () => {
  test("runs a model, by its name and by its version", async () => {
    expect(await replicate.run("understudy/echo", { input: { text: "one two" } })).toEqual(["one", " two"])
    const told: string[] = []
    const output = await replicate.run(
      `understudy/echo:${await versionOfEcho()}`,
      { input: { text: "hello" }, wait: { mode: "poll", interval: 100 } },
      ({ status }) => told.push(status),
    )
    expect(output).toEqual(["hello"])
    expect([told[0], told.at(-1)]).toEqual(["starting", "succeeded"])
  })

  test("polls on where a blocking request was not enough", async () => {
    const wait = { mode: "block", timeout: 1 } as const
    expect(await replicate.run("understudy/echo", { input: { text: "slow", delay: 2 }, wait })).toEqual(["slow"])
  })

  test("cancels what it runs when its signal says so", async () => {
    const leaving = new AbortController()
    let id = ""
    await replicate
      .run(
        "understudy/echo",
        { input: { text: "never", delay: 60 }, wait: { mode: "poll", interval: 100 }, signal: leaving.signal },
        (prediction) => {
          id = prediction.id
          if (prediction.status === "processing") leaving.abort()
        },
      )
      .catch((error: Error) => expect(error.name).toBe("AbortError"))
    await expect.poll(async () => (await replicate.predictions.get(id)).status).toBe("canceled")
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

  test("streams, and is told of the end", async () => {
    const heard: string[] = []
    const events = new Set<string>()
    for await (const { event, data } of replicate.stream("understudy/echo", { input: { text: "a b c", delay: 0.1 } })) {
      events.add(event)
      if (event === "output") heard.push(data)
    }
    expect(heard.join("")).toBe("a b c")
    expect([...events]).toEqual(["output", "done"])
  })

  test("creates, waits for, cancels and pages through predictions", async () => {
    const created = await replicate.predictions.create({ model: "understudy/echo", input: { text: "a", delay: 30 } })
    expect(created.status).toBe("starting")
    expect((await replicate.predictions.cancel(created.id)).status).toBe("canceled")
    expect((await replicate.predictions.get(created.id)).status).toBe("canceled")

    const waited = await replicate.wait(
      await replicate.predictions.create({ model: "understudy/echo", input: { text: "b" } }),
    )
    expect(waited).toMatchObject({ status: "succeeded", output: ["b"], error: null, source: "api" })

    for (let n = 0; n < 100; n++) await replicate.predictions.create({ model: "understudy/echo", input: {} })
    const pages: Prediction[][] = []
    for await (const page of replicate.paginate(replicate.predictions.list)) pages.push(page)
    const ids = pages.flat().map(({ id }) => id)
    expect(pages[0]).toHaveLength(100)
    expect(pages.length).toBeGreaterThan(1)
    expect(ids).toEqual(expect.arrayContaining([created.id, waited.id]))
    expect(new Set(ids).size).toBe(ids.length)
  })

  test("uploads a file by itself for an input, or keeps one to name", async () => {
    const file = new Blob(["hello"], { type: "text/plain" })
    expect(await replicate.run("understudy/echo", { input: { text: "a", file } })).toEqual(["a"])
    const kept = await replicate.files.create(file, { why: "to name it" })
    expect(await replicate.files.get(kept.id)).toMatchObject({ size: 5, metadata: { why: "to name it" } })
    expect(await replicate.run("understudy/echo", { input: { text: "b", file: kept.urls.get } })).toEqual(["b"])
    expect((await replicate.files.list()).results.map(({ id }) => id)).toContain(kept.id)
    expect(await replicate.files.delete(kept.id)).toBe(true)
    await expect(replicate.files.get(kept.id)).rejects.toThrow("404")
  })

  test("reads what a model made as a FileOutput, over https", async () => {
    const front = await httpsInFrontOf(server.port, folder)
    try {
      const { fetch } = front
      const secure = new Replicate({ auth: account.token, baseUrl: `${front.origin}/v1`, fetch })
      const spoken = (await secure.run("understudy/speak", { input: { text: "Hello." } })) as FileOutput
      expect(spoken.url().href).toMatch(new RegExp(`^${front.origin}/files/.*\\.wav$`))
      const sound = await spoken.blob()
      expect(sound.type).toBe("audio/wav")
      expect(Buffer.from(await sound.arrayBuffer()).toString("latin1", 0, 4)).toBe("RIFF")
    } finally {
      await front.close()
    }
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
    const get = `${server.origin}/v1/predictions/${id}`
    expect(JSON.parse(body)).toMatchObject({ id, status: "succeeded", output: ["told"], urls: { get } })
    const { key } = await replicate.webhooks.default.secret.get()
    const request = new Request(`http://127.0.0.1:${port}/`, { method: "POST", body, headers })
    expect(await validateWebhook(request, key!)).toBe(true)
    const forged = new Request(request.url, { method: "POST", body: `${body} `, headers })
    expect(await validateWebhook(forged, key!)).toBe(false)
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
  expect(await client.run("understudy/echo", { input: { text: "one two" } })).toEqual(["one", " two"])
  const { id } = await client.models.predictions.create({
    model_owner: "understudy",
    model_name: "echo",
    input: { delay: 30 },
  })
  expect(await client.predictions.cancel({ prediction_id: id })).toMatchObject({ status: "canceled" })
  expect(await client.predictions.get({ prediction_id: id })).toMatchObject({ status: "canceled" })
  const seen = []
  for await (const one of client.predictions.list()) seen.push(one.id)
  expect(seen).toEqual(expect.arrayContaining([created.id, id]))
  expect(new Set(seen).size).toBe(seen.length)
})

test("replicate-mcp runs models with its tools", async () => {
  await withTools(account.token, `${server.origin}/v1`, async (call) => {
    const version = "understudy/echo"
    const made = JSON.parse(await call("create_predictions", { version, input: { text: "told" }, Prefer: "wait" }))
    expect(made).toMatchObject({ status: "succeeded", output: ["told"] })
    expect(JSON.parse(await call("get_predictions", { prediction_id: made.id }))).toMatchObject({ id: made.id })
    const waiting = JSON.parse(
      await call("create_models_predictions", {
        model_owner: "understudy",
        model_name: "echo",
        input: { delay: 30 },
      }),
    )
    await call("cancel_predictions", { prediction_id: waiting.id })
    expect(JSON.parse(await call("get_predictions", { prediction_id: waiting.id }))).toMatchObject({
      status: "canceled",
    })
    expect(await call("list_predictions")).toContain(made.id)
  })
})

test.describe("deployments", () => {
  const fields = { model: "understudy/echo", hardware: "cpu-small", min_instances: 0, max_instances: 1 }
  const changed = { current_release: { number: 2, configuration: { max_instances: 2 } } }
  const answer = { status: "succeeded", output: ["hello", " there"] }

  test("replicate creates, reads, lists, changes, runs and deletes them", async () => {
    const { deployments } = replicate
    const version = await versionOfEcho()
    const created = await deployments.create({ ...fields, version, name: "by-replicate" })
    expect(created).toMatchObject({ owner: account.username, current_release: { number: 1, version } })
    expect(await deployments.get(account.username, "by-replicate")).toEqual(created)
    expect((await deployments.list()).results).toContainEqual(created)
    expect(await deployments.update(account.username, "by-replicate", { max_instances: 2 })).toMatchObject(changed)
    const input = { text: "hello there" }
    const running = await deployments.predictions.create(account.username, "by-replicate", { input, wait: 30 })
    expect(await replicate.wait(running, { interval: 100 })).toMatchObject({
      ...answer,
      version,
      deployment: `${account.username}/by-replicate`,
    })
    await expect(deployments.delete(account.username, "by-replicate")).rejects.toThrow(/running instances/)
    await deployments.create({ ...fields, version, name: "quiet" })
    expect(await deployments.delete(account.username, "quiet")).toBe(true)
    await expect(deployments.get(account.username, "quiet")).rejects.toThrow(/404/)
  })

  test("replicate-stainless creates, reads, lists, changes, runs and deletes them", async () => {
    const client = new Stainless({ bearerToken: account.token, baseURL: `${server.origin}/v1` })
    const version = await versionOfEcho()
    const named = { deployment_owner: account.username, deployment_name: "by-stainless" }
    const created = await client.deployments.create({ ...fields, version, name: "by-stainless" })
    expect(created).toMatchObject({ owner: account.username, current_release: { number: 1, version } })
    expect(await client.deployments.get(named)).toEqual(created)
    const names: string[] = []
    for await (const { name } of client.deployments.list()) names.push(name!)
    expect(names).toContain("by-stainless")
    expect(await client.deployments.update({ ...named, max_instances: 2 })).toMatchObject(changed)
    const input = { text: "hello there" }
    const ran = await client.deployments.predictions.create({ ...named, input, Prefer: "wait=60" })
    expect(ran).toMatchObject({ ...answer, version })
    await expect(client.deployments.delete(named)).rejects.toThrow(/running instances/)
    await client.deployments.create({ ...fields, version, name: "quiet-too" })
    const quiet = { deployment_owner: account.username, deployment_name: "quiet-too" }
    await client.deployments.delete(quiet)
    await expect(client.deployments.get(quiet)).rejects.toThrow(/404/)
  })

  test("replicate-mcp creates, reads, lists, changes, runs and deletes them with its tools", async () => {
    await withTools(account.token, `${server.origin}/v1`, async (call) => {
      const version = await versionOfEcho()
      const named = { deployment_owner: account.username, deployment_name: "by-mcp" }
      const created = JSON.parse(await call("create_deployments", { ...fields, version, name: "by-mcp" }))
      expect(created).toMatchObject({ owner: account.username, current_release: { number: 1, version } })
      expect(JSON.parse(await call("get_deployments", named))).toEqual(created)
      expect(await call("list_deployments")).toContain("by-mcp")
      expect(JSON.parse(await call("update_deployments", { ...named, max_instances: 2 }))).toMatchObject(changed)
      const input = { text: "hello there" }
      const ran = await call("create_deployments_predictions", { ...named, input, Prefer: "wait=60" })
      expect(JSON.parse(ran)).toMatchObject({ ...answer, version })
      await expect(call("delete_deployments", named)).rejects.toThrow(/running instances/)
      await call("create_deployments", { ...fields, version, name: "quiet-mcp" })
      const quiet = { deployment_owner: account.username, deployment_name: "quiet-mcp" }
      await call("delete_deployments", quiet)
      await expect(call("get_deployments", quiet)).rejects.toThrow(/404/)
    })
  })
})

test.describe("with what others built on them", () => {
  test.skip(!clientsInstalled(), "the clients of e2e/clients are not installed")

  /** Runs a program of e2e/clients and returns its output. */
  async function program(name: string, ...preloads: string[]) {
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [
        ...preloads.flatMap((preload) => ["--import", path.join(clientsFolder, preload)]),
        path.join(clientsFolder, name),
      ],
      {
        env: {
          PATH: process.env.PATH,
          NODE_ENV: "production",
          REPLICATE_API_TOKEN: account.token,
          ORIGIN: server.origin,
          VERSION: await versionOfEcho(),
        },
      },
    )
    return JSON.parse(stdout.trim().split("\n").at(-1)!)
  }

  test("the AI SDK makes pictures, waits, polls, and is told what is wrong", async () => {
    const { pictures, refused } = await program("ai-sdk.mjs")
    const size = (await (await fetch(`${server.origin}/apple-icon.png`)).arrayBuffer()).byteLength
    expect(pictures).toEqual([
      ["image/png", size],
      ["image/png", size],
      ["image/png", size],
    ])
    expect(refused).toContain("input.repeat: Must be less than or equal to 1000")
  })

  test("LangChain finds the prompt in the schema, runs and streams", async () => {
    const { answer, chunks } = await program("langchain.mjs", "send-to-origin.mjs")
    expect(answer).toBe("one two three")
    expect(chunks.length).toBeGreaterThan(1)
    expect(chunks.join("")).toBe("a b c")
  })

  test("LlamaIndex chats, at once and as a stream", async () => {
    const { message, said } = await program("llama-index.mjs", "send-to-origin.mjs")
    // Echo has no prompt: unknown inputs are dropped, and it returns its default.
    expect(message).toEqual({ role: "assistant", content: "hello" })
    expect(said.join("")).toBe("hello")
  })
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
