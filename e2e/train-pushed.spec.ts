import { execFileSync } from "node:child_process"
import { randomBytes } from "node:crypto"
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import path from "node:path"
import Replicate from "replicate"

import { dockerApi, type DockerApi } from "../lib/engines/docker-api"
import { importModel } from "../lib/test/docker-daemon"
import { Account } from "./account"
import { dockerHere, startDocker, type Docker } from "./docker"
import { expect, test, uniqueName } from "./fixtures"
import { ownServer } from "./own-server"

// A pushed image is trained in a container; its new version runs here and elsewhere.

test.describe.configure({ mode: "serial" })
test.skip(!dockerHere, "Docker's engine is not installed, or this is not root")

const megabytes = 600
const learned = "weights of nobody else"

let folder: string
let docker: Docker
let api: DockerApi
let server: Awaited<ReturnType<typeof ownServer>>
let alice: Account
let replicate: Replicate
let trainer: { name: string; version: string }
let trained: { destination: string; version: string }

test.beforeAll(async ({ playwright }) => {
  test.setTimeout(240_000)
  folder = mkdtempSync(path.join(tmpdir(), "understudy-train-"))
  const started = await startDocker(path.join(folder, "engine"))
  test.skip(!started, "Docker's engine does not start here")
  docker = started!
  const socket = path.join(folder, "engine/docker.sock")
  api = dockerApi(socket)
  const env = { DOCKER_HOST: `unix://${socket}`, RUN_MEMORY: "16", RUN_CPUS: "8" }
  server = await ownServer(path.join(folder, "data"), env)
  alice = await Account.open(playwright.request, server.origin, uniqueName("alice"))
  replicate = new Replicate({ auth: await alice.token(), baseUrl: `${server.origin}/v1` })
  trainer = await pushTrainer()
})
test.afterAll(async () => {
  await server?.stop()
  await api?.close()
  await docker?.stop()
  await alice?.request.dispose()
  if (folder) rmSync(folder, { recursive: true, force: true })
})

async function run(...args: string[]) {
  const { code, stdout, stderr } = await docker(...args)
  expect(code, `docker ${args.join(" ")}\n${stdout}${stderr}`).toBe(0)
  return stdout.trim()
}
const signIn = async () =>
  docker.withInput(await alice.token(), "login", server.host, "--username", alice.username, "--password-stdin")

const text = (order: number, value: string) => ({ type: "string", default: value, "x-order": order })
const schema = {
  openapi: "3.0.2",
  info: { title: "Cog", version: "0.1.0" },
  components: {
    schemas: {
      Input: { type: "object", properties: { do: text(0, "weights") } },
      Output: {},
      TrainingInput: {
        type: "object",
        properties: {
          do: text(0, "learn"),
          text: text(1, learned),
          mb: { type: "integer", default: 1, "x-order": 2 },
        },
      },
      TrainingOutput: { type: "object", properties: { weights: { type: "string", format: "uri" } } },
    },
  },
}

/** Builds and pushes a trainer with a shell and Python, like Cog's images. */
async function pushTrainer() {
  const name = await alice.createModel({ visibility: "private", hardware: "cpu-small" })
  const base = await importModel(api, "us-trainer")
  const context = path.join(folder, "context")
  const python = copyPython(path.join(context, "root"))
  const labels = {
    "run.cog.version": "0.16.12",
    "run.cog.openapi_schema": JSON.stringify(schema),
    "run.cog.config": JSON.stringify({ build: { gpu: false }, train: "train.py:train" }),
  }
  const lines = Object.entries(labels).map(
    ([key, value]) => `LABEL ${key}=${JSON.stringify(value).replaceAll("$", "\\$")}`,
  )
  writeFileSync(
    path.join(context, "Dockerfile"),
    [`FROM ${base}`, "COPY root /", `ENV PATH=${python}:/usr/bin:/bin`, ...lines, ""].join("\n"),
  )
  const image = `${server.host}/${alice.username}/${name}`
  await run("build", "--quiet", "--tag", image, context)
  const signedIn = await signIn()
  expect(signedIn.code, signedIn.stderr).toBe(0)
  const version = /digest: sha256:([0-9a-f]{64})/.exec(await run("push", image))![1]!
  await run("logout", server.host)
  return { name, version }
}

/** Copies a shell and as much of Python as a small web server needs, and returns the folder of the program. */
function copyPython(root: string) {
  const ask = `
import encodings.idna, functools, http.server, json, os, socket, sys, threading
files = [m.__file__ for m in sys.modules.values() if getattr(m, "__file__", None)]
print(json.dumps([os.path.realpath(sys.executable), os.__file__, *files]))`
  const [program, ...modules] = JSON.parse(execFileSync("python3", ["-c", ask], { encoding: "utf8" })) as string[]
  const native = modules.filter((file) => file.endsWith(".so"))
  const libraries = ["/bin/sh", program!, ...native].flatMap((file) =>
    [...execFileSync("ldd", [file], { encoding: "utf8" }).matchAll(/(\/\S+) \(0x/g)].map(([, library]) => library!),
  )
  for (const file of new Set(["/bin/sh", program!, ...modules, ...libraries])) {
    mkdirSync(path.dirname(path.join(root, file)), { recursive: true })
    cpSync(realpathSync(file), path.join(root, file))
  }
  const folderOfProgram = path.dirname(program!)
  cpSync(program!, path.join(root, folderOfProgram, "python3"))
  return folderOfProgram
}

async function train(destination: string, input: object) {
  await alice.createModel({ name: destination, visibility: "private", hardware: "cpu-small" })
  return replicate.trainings.create(alice.username, trainer.name, trainer.version, {
    destination: `${alice.username}/${destination}`,
    input,
  })
}

async function ended(id: string) {
  const wait = async () => (await replicate.trainings.get(id)).status
  await expect.poll(wait, { timeout: 180_000 }).toMatch(/succeeded|failed|canceled/)
  const training = await replicate.trainings.get(id)
  expect(training, training.logs).toMatchObject({ status: "succeeded", error: null })
  return training
}
const idOf = ({ output }: { output?: unknown }) => (output as { version: string }).version.split(":")[1]!

test("a training in a container shows its loss and samples as it goes on, and its version runs with its weights", async ({
  openPage,
}) => {
  test.setTimeout(240_000)
  const destination = `tuned-${randomBytes(4).toString("hex")}`
  const training = await train(destination, {})
  const page = await openPage({ baseURL: server.origin, as: alice })
  const main = page.getByRole("main")
  await page.goto(`/trainings/${training.id}`)
  await expect(main.getByRole("img", { name: "Output: epoch-3.png" })).toBeVisible({ timeout: 120_000 })
  await expect(main.getByText("A new version is ready")).toBeVisible({ timeout: 60_000 })
  await expect(main.getByRole("img", { name: /^loss/ })).toBeVisible()
  await expect(main.getByRole("region", { name: "Samples" }).getByRole("img")).toHaveCount(3)
  const width = () =>
    main.getByRole("img", { name: "Output: epoch-1.png" }).evaluate((image: HTMLImageElement) => image.naturalWidth)
  await expect.poll(width).toBe(1)
  await expect(main.getByRole("link", { name: "Download weights.txt" })).toBeVisible()

  trained = { destination, version: idOf(await ended(training.id)) }
  expect(await replicate.run(`${alice.username}/${destination}:${trained.version}`, { input: {} })).toEqual({
    status: 200,
    name: "weights.txt",
    body: learned,
  })
})

/** Code that asks a model server in the same container for its weights. */
const question = `
const { createServer } = require("node:http")
const answers = createServer((request, response) => {
  let body = ""
  request.on("data", (part) => (body += part)).on("end", () => {
    response.end()
    const { status, output, error } = JSON.parse(body)
    if (status === "processing") return
    console.log(JSON.stringify(output ?? error))
    process.exit()
  })
}).listen(6000, async () => {
  const body = JSON.stringify({ input: { do: "weights" }, webhook: "http://127.0.0.1:6000/" })
  for (;;) {
    const told = await fetch("http://127.0.0.1:5000/predictions/one", { method: "PUT", body }).catch(() => null)
    if (told?.status === 202) break
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
})`

test("docker pull and docker run: the version has its weights with nothing but its image", async () => {
  test.setTimeout(240_000)
  const image = `${server.host}/${alice.username}/${trained.destination}@sha256:${trained.version}`
  expect((await docker("pull", image)).stderr).toMatch(/unauthorized|denied|authentication/i)
  expect((await signIn()).code).toBe(0)
  await run("pull", image)
  await run("logout", server.host)
  await run("run", "--detach", "--network", "none", "--name", "alone", image)
  expect(JSON.parse(await run("exec", "alone", "/node", "-e", question))).toEqual({
    status: 200,
    name: "weights.txt",
    body: learned,
  })
  await run("rm", "--force", "alone")
})

test(`${megabytes} MB of weights in an object become a version, and are never in the server's memory`, async () => {
  test.setTimeout(400_000)
  const before = server.peak()
  const began = Date.now()
  const training = await ended(
    (await train(`large-${randomBytes(4).toString("hex")}`, { do: "learnMuch", mb: megabytes })).id,
  )
  const grown = (server.peak() - before) / 1e6
  console.log(
    `${megabytes} MB of weights: ${((Date.now() - began) / 1000).toFixed(0)} s, and the server's peak memory grew by ${grown.toFixed(0)} MB to ${(server.peak() / 1e6).toFixed(0)} MB`,
  )
  expect(training.output).toMatchObject({ megabytes, weights: expect.stringMatching(/large\.bin$/) })
  const size = Number(
    (await fetch((training.output as { weights: string }).weights, { method: "HEAD" })).headers.get("content-length"),
  )
  expect(size).toBe(megabytes * 1024 * 1024)
  expect(grown).toBeLessThan(200)
})

test("a public version does not tell the name of the private model that it was trained with", async () => {
  const { destination, version } = trained
  const model = `${alice.username}/${destination}`
  const page = `/${model}/versions/${version}`
  expect(await (await alice.request.get(page)).text()).toContain(trainer.name)
  await replicate.request(`/models/${model}`, { method: "PATCH", data: { visibility: "public" } })
  for (const address of [page, `/${model}`, `/${model}/versions`, `/${model}.md`, `/${model}.json`]) {
    const answer = await fetch(server.origin + address)
    expect(answer.status, address).toBe(200)
    expect(await answer.text(), address).not.toContain(trainer.name)
  }
  for (const address of [`/models/${model}`, `/models/${model}/versions`, `/models/${model}/versions/${version}`])
    expect(JSON.stringify(await (await replicate.request(address, {})).json())).not.toContain(trainer.name)
})
