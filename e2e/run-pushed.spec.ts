import { randomBytes } from "node:crypto"
import { chownSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { expect, test } from "@playwright/test"
import Replicate from "replicate"

import { dockerApi, type DockerApi } from "../lib/engines/docker-api"
import { importModel } from "../lib/test/docker-daemon"
import { anAccount } from "./accounts"
import { dockerHere, startDocker, type Docker } from "./docker"
import { credentials } from "./forms"
import { ended } from "./images"
import { freePort, ownServer } from "./own-server"
import { remember } from "./secrets"

// An image built and pushed with Docker, then run by the server with the same Docker, as seen by the official client.

test.describe.configure({ mode: "serial" })
test.skip(!dockerHere, "Docker's engine is not installed, or this is not root")

let folder: string
let docker: Docker
let api: DockerApi
let server: Awaited<ReturnType<typeof ownServer>>
let alice: Awaited<ReturnType<typeof anAccount>>
let replicate: Replicate
let pushed: Awaited<ReturnType<typeof push>>

const settings = () => ({
  DOCKER_HOST: `unix://${join(folder, "engine/docker.sock")}`,
  RUN_MEMORY: "16",
  RUN_CPUS: "8",
})

test.beforeAll(async () => {
  test.setTimeout(240_000)
  folder = mkdtempSync(join(tmpdir(), "understudy-run-"))
  const started = await startDocker(join(folder, "engine"))
  test.skip(!started, "Docker's engine does not start here")
  docker = started!
  api = dockerApi(join(folder, "engine/docker.sock"))
  server = await ownServer(join(folder, "data"), settings())
  alice = await anAccount("alice", server.origin)
  replicate = new Replicate({ auth: alice.token, baseUrl: `${server.origin}/v1` })
  pushed = await push(server.host, alice)
})
test.afterAll(async () => {
  await server?.stop()
  await api?.close()
  await docker?.stop()
  if (folder) rmSync(folder, { recursive: true, force: true })
})

const text = (order: number, more = {}) => ({ type: "string", "x-order": order, ...more })
const schema = {
  openapi: "3.0.2",
  info: { title: "Cog", version: "0.1.0" },
  components: {
    schemas: {
      Input: {
        type: "object",
        properties: {
          do: text(0, { default: "say" }),
          text: text(1, { default: "hello" }),
          words: { type: "array", items: { type: "string" }, default: ["a", "b"], "x-order": 2 },
          file: text(3, { format: "uri", nullable: true }),
          size: { type: "integer", default: 1000, "x-order": 4 },
        },
      },
      Output: {
        type: "array",
        items: { type: "string" },
        "x-cog-array-type": "iterator",
        "x-cog-array-display": "concatenate",
      },
    },
  },
}

/**
 * Builds an image as Cog does, pushes it as a private model, and removes it locally, so that it has to be pulled.
 * Returns its model and version.
 */
async function push(host: string, account: Pick<typeof alice, "username" | "token">) {
  const name = `model-${randomBytes(5).toString("hex")}`
  const client = new Replicate({ auth: account.token, baseUrl: `http://${host}/v1` })
  await client.models.create(account.username, name, { visibility: "private", hardware: "cpu-small" })
  const base = await importModel(api, "us-base")
  const context = join(folder, "context")
  mkdirSync(context, { recursive: true })
  const label = (key: string, value: string) => `LABEL ${key}=${JSON.stringify(value).replaceAll("$", "\\$")}`
  writeFileSync(
    join(context, "Dockerfile"),
    [
      `FROM ${base}`,
      label("run.cog.version", "0.16.12"),
      label("run.cog.openapi_schema", JSON.stringify(schema)),
      label("run.cog.config", JSON.stringify({ build: { gpu: false }, predict: "predict.py:Predictor" })),
      "",
    ].join("\n"),
  )
  const image = `${host}/${account.username}/${name}`
  await run("build", "--quiet", "--tag", image, context)
  const signedIn = await docker.withInput(
    account.token,
    "login",
    host,
    "--username",
    account.username,
    "--password-stdin",
  )
  expect(signedIn.code, signedIn.stderr).toBe(0)
  const version = /digest: sha256:([0-9a-f]{64})/.exec(await run("push", image))![1]!
  await run("logout", host)
  await run("rmi", "--force", await run("images", "--quiet", image))
  // Only the server can pull it again: the engine has no credentials.
  expect((await docker("pull", `${image}@sha256:${version}`)).stderr).toMatch(/unauthorized|denied|authentication/i)
  return { name, version }
}

async function run(...args: string[]) {
  const { code, stdout, stderr } = await docker(...args)
  expect(code, `docker ${args.join(" ")}\n${stdout}${stderr}`).toBe(0)
  return stdout.trim()
}
const model = () => `${alice.username}/${pushed.name}:${pushed.version}` as const

test("what was pushed privately runs for its owner: predictions, files, streams", async () => {
  test.setTimeout(180_000)
  expect(await replicate.run(model(), { input: { do: "stream", words: ["good", " day"] } })).toEqual(["good", " day"])
  expect(await run("ps", "--no-trunc", "--format", "{{.Image}}")).toContain(
    `${server.host}/${alice.username}/${pushed.name}@sha256:${pushed.version}`,
  )

  const made = await replicate.predictions.create({ version: pushed.version, input: { do: "file", size: 200_000 } })
  const done = await replicate.wait(made, { interval: 100 })
  expect(done).toMatchObject({ status: "succeeded", metrics: { predict_time: expect.any(Number) } })
  const file = await fetch(done.output as unknown as string)
  expect([file.status, file.headers.get("content-type")]).toEqual([200, "image/png"])
  expect((await file.arrayBuffer()).byteLength).toBe(200_000)

  const streamed: string[] = []
  for await (const { event, data } of replicate.stream(model(), { input: { do: "stream", words: ["one", "two"] } }))
    if (event === "output") streamed.push(data)
  expect(streamed.join("")).toBe("onetwo")
})

test("a file that is given as input is read inside, without any network", async () => {
  test.setTimeout(120_000)
  const file = await replicate.files.create(new Blob(["read me"], { type: "text/plain" }))
  const made = await replicate.predictions.create({
    version: pushed.version,
    input: { do: "read", file: file.urls.get },
  })
  expect(await replicate.wait(made, { interval: 100 })).toMatchObject({
    status: "succeeded",
    output: { status: 200, body: "read me" },
  })
})

test("the Docker snippet of the playground, as printed, pulls a private image and runs exactly this input", async ({
  browser,
}) => {
  test.setTimeout(240_000)
  const page = await browser.newPage({ baseURL: server.origin })
  const input = { do: "say", text: 'It\'s "quoted", $HOME `id` ü', words: ["a'b"], size: 7 }
  const playground = `/${alice.username}/${pushed.name}/playground?inputs=${encodeURIComponent(JSON.stringify(input))}`
  await page.goto(`/signin?next=${encodeURIComponent(playground)}`)
  await credentials(page).fill(alice.username, alice.password)
  await credentials(page).signIn.click()
  await page.getByRole("tab", { name: "Docker" }).click()
  const code = await page.getByRole("tabpanel", { name: "Docker" }).locator("pre").innerText()
  await page.close()
  expect(code).toContain(`docker login ${server.host} -u ${alice.username}`)
  expect(code).not.toContain(alice.token)

  const other = await startDocker(join(folder, "own-engine"), "us-e2e-run")
  test.skip(!other, "Docker's engine cannot publish ports here")
  try {
    const env = { ...other!.env, REPLICATE_API_TOKEN: alice.token }
    const { code: status, stdout, stderr } = await ended("bash", ["-e"], { env }, code)
    expect(status, stdout + stderr).toBe(0)
    const prediction = JSON.parse(stdout.trim().split("\n").at(-1)!)
    expect(prediction).toMatchObject({ status: "succeeded", input, output: input.text })
  } finally {
    await other!.stop()
  }
})

test("a prediction is cancelled, and one whose container is killed says so", async () => {
  test.setTimeout(240_000)
  const running = async () => {
    const made = await replicate.predictions.create({ version: pushed.version, input: { do: "wait" } })
    await expect
      .poll(async () => (await replicate.predictions.get(made.id)).status, { timeout: 30_000 })
      .toBe("processing")
    return made
  }
  const first = await running()
  await replicate.predictions.cancel(first.id)
  expect(await replicate.wait(first, { interval: 100 }).catch((error) => error)).toMatchObject({ status: "canceled" })

  const second = await running()
  await run("kill", await run("ps", "--quiet"))
  await expect
    .poll(async () => replicate.predictions.get(second.id), { timeout: 30_000 })
    .toMatchObject({ status: "failed", error: expect.stringContaining("Prediction interrupted") })
})

test("a server that is stopped and started goes on with what ran, and leaves nothing idle behind", async () => {
  test.setTimeout(240_000)
  const made = await replicate.predictions.create({
    version: pushed.version,
    input: { do: "stream", words: Array(40).fill("w") },
  })
  const long = await replicate.predictions.create({ version: pushed.version, input: { do: "wait" } })
  await expect
    .poll(async () => (await replicate.predictions.get(made.id)).status, { timeout: 60_000 })
    .toBe("succeeded")
  await expect
    .poll(async () => (await replicate.predictions.get(long.id)).status, { timeout: 60_000 })
    .toBe("processing")
  await server.stop()
  expect(await run("ps", "--quiet")).not.toBe("")
  server = await ownServer(join(folder, "data"), settings(), server.port)
  expect((await replicate.predictions.get(long.id)).status).toBe("processing")
  await replicate.predictions.cancel(long.id)
  await expect.poll(async () => (await replicate.predictions.get(long.id)).status, { timeout: 30_000 }).toBe("canceled")
  await server.stop()
  expect(await run("ps", "--all", "--quiet")).toBe("")
})

test("an engine that reaches the server at another address pulls from there, and asks nobody at PUBLIC_URL", async () => {
  test.setTimeout(240_000)
  const RUN_REGISTRY = `127.0.0.2:${server.port}`
  const elsewhere = { HOST: "0.0.0.0", RUN_REGISTRY, PUBLIC_URL: "https://models.invalid" }
  server = await ownServer(join(folder, "data"), { ...settings(), ...elsewhere }, server.port)
  expect(await replicate.run(model(), { input: { text: "from afar" } })).toEqual("from afar")
  expect(await run("ps", "--no-trunc", "--format", "{{.Image}}")).toContain(`${RUN_REGISTRY}/${alice.username}/`)
  await server.stop()
})

test("images that were pulled go when they take up too much, and those of others stay", async () => {
  test.setTimeout(240_000)
  const names = async () => (await run("images", "--digests", "--format", "{{.Repository}}")).split("\n")
  expect((await names()).filter((name) => name.includes(alice.username)).length).toBeGreaterThan(0)
  server = await ownServer(join(folder, "data"), { ...settings(), RUN_IMAGES_GB: "0.001" }, server.port)
  await expect.poll(async () => (await names()).filter((name) => name.includes(alice.username))).toEqual([])
  expect(await names()).toContain("us-base")
  // It is pulled again, and kept as long as an instance uses it.
  expect(await replicate.run(model(), { input: { text: "again" } })).toBe("again")
  expect((await names()).filter((name) => name.includes(alice.username))).toHaveLength(1)
  await server.stop()
})

test("a server in a container, as compose.yaml starts it, runs what was pushed with nothing but the engine's socket", async () => {
  test.setTimeout(420_000)
  const [data, socket, port] = [join(folder, "volume"), join(folder, "engine/docker.sock"), await freePort()]
  mkdirSync(data)
  chownSync(data, 10001, 10001)
  const base = await importModel(api, "us-server")
  const env = { NODE_ENV: "production", DATA_DIR: "/data", PORT: String(port), RUN_BUNDLED: "off", LOG_LEVEL: "warn" }
  await run(
    ..."run --detach --name server --network host --read-only --cap-drop ALL --security-opt no-new-privileges".split(
      " ",
    ),
    ..."--user 10001:10001 --tmpfs /tmp:mode=1777 --workdir /app --env TSX_DISABLE_CACHE=1".split(" "),
    "--group-add",
    String(statSync(socket).gid),
    "--volume",
    `${process.cwd()}:/app:ro`,
    "--volume",
    `${data}:/data`,
    // The server's image has everything it needs; here, this machine provides it.
    ...["/usr", "/lib", "/lib64", "/bin"].flatMap((path) => ["--volume", `${path}:${path}:ro`]),
    "--volume",
    `${socket}:/var/run/docker.sock`,
    ...Object.entries(env).flatMap(([name, value]) => ["--env", `${name}=${value}`]),
    base,
    "/node",
    "server.mjs",
  )
  const host = `127.0.0.1:${port}`
  const readiness = () =>
    fetch(`http://${host}/readyz`).then(
      ({ status }) => status,
      async () => (await docker("logs", "server")).stderr,
    )
  await expect.poll(readiness, { timeout: 180_000 }).toBe(200)
  const cli = (...args: string[]) =>
    run("exec", "server", ..."/node --import tsx --conditions=react-server scripts/cli.ts".split(" "), ...args)
  await cli("user", "add", "carol")
  const carol = { username: "carol", token: remember("token", await cli("token", "issue", "carol", "--name", "e2e")) }
  const { name, version } = await push(host, carol)
  const client = new Replicate({ auth: carol.token, baseUrl: `http://${host}/v1` })
  expect(await client.run(`carol/${name}:${version}`, { input: { text: "beside it" } })).toBe("beside it")
  // The server, the model, and the relay that connects them.
  expect((await run("ps", "--quiet")).split("\n")).toHaveLength(3)
  await run("stop", "--time", "30", "server")
  expect((await run("ps", "--all", "--format", "{{.Names}}")).split("\n")).toEqual(["server"])
  await run("rm", "server")
})
