import { randomBytes } from "node:crypto"
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { expect, test } from "@playwright/test"
import Replicate from "replicate"

import { anAccount } from "./accounts"
import { dockerHere, startDocker, type Docker } from "./docker"
import { aContext, cogLabels, schema } from "./images"

// The commands of docs/push.md, run with the real Docker client and engine. `cog push` of 0.16 and older does the same.

test.describe.configure({ mode: "serial" })
test.skip(!dockerHere, "Docker's engine is not installed, or this is not root")

let folder: string
let docker: Docker
let alice: Awaited<ReturnType<typeof anAccount>>
let bob: typeof alice
test.beforeAll(async () => {
  test.setTimeout(120_000)
  folder = mkdtempSync(join(tmpdir(), "understudy-docker-"))
  const started = await startDocker(join(folder, "engine"))
  test.skip(!started, "Docker's engine does not start here")
  docker = started!
  ;[alice, bob] = await Promise.all([anAccount("alice"), anAccount("bob")])
})
test.afterAll(async () => {
  await docker?.stop()
  if (folder) rmSync(folder, { recursive: true, force: true })
})

const clientOf = (account: typeof alice, origin: string) =>
  new Replicate({ auth: account.token, baseUrl: `${origin}/v1` })

async function aModel(account: typeof alice, origin: string, visibility: "public" | "private" = "private") {
  const name = `model-${randomBytes(5).toString("hex")}`
  await clientOf(account, origin).models.create(account.username, name, { visibility, hardware: "cpu" })
  return name
}

async function run(...args: string[]) {
  const { code, stdout, stderr } = await docker(...args)
  expect(code, `docker ${args.join(" ")}\n${stdout}${stderr}`).toBe(0)
  return stdout.trim()
}

const signIn = (account: typeof alice, host: string) =>
  docker.withInput(account.token, "login", host, "--username", account.username, "--password-stdin")

async function build(tag: string, labels = cogLabels()) {
  const context = join(folder, `context-${randomBytes(4).toString("hex")}`)
  await aContext(context, 3_000_000, labels)
  await run("build", "--quiet", "--tag", tag, context)
}

test("docker login, build, push: the official client has the version, and docker pull brings the same image back", async ({
  baseURL,
}) => {
  test.setTimeout(120_000)
  const host = new URL(baseURL!).host
  const name = await aModel(alice, baseURL!)
  const signedIn = await signIn(alice, host)
  expect(signedIn.stdout, signedIn.stderr).toContain("Login Succeeded")
  expect(Object.keys(JSON.parse(readFileSync(join(folder, "engine/config/config.json"), "utf8")).auths)).toEqual([host])

  const image = `${host}/${alice.username}/${name}`
  await build(image)
  const said = await run("push", image)
  const digest = /digest: sha256:([0-9a-f]{64})/.exec(said)![1]!

  const replicate = clientOf(alice, baseURL!)
  expect(await replicate.models.versions.get(alice.username, name, digest)).toMatchObject({
    id: digest,
    cog_version: "0.16.12",
    openapi_schema: schema,
  })
  expect((await replicate.models.get(alice.username, name)).latest_version).toMatchObject({ id: digest })

  const built = await run("images", "--quiet", "--no-trunc", image)
  await run("rmi", "--force", built)
  await run("pull", `${image}@sha256:${digest}`)
  expect(await run("images", "--quiet", "--no-trunc", image)).toBe(built)

  // Pushing it again creates no second version, and everything already exists.
  await run("tag", built, `${image}:again`)
  expect(await run("push", `${image}:again`)).toContain("Layer already exists")
  expect(
    (await replicate.models.versions.list(alice.username, name)) as unknown as { results: unknown[] },
  ).toMatchObject({ results: [{ id: digest }] })
})

test("what is refused says why, in Docker's own words and ours", async ({ baseURL }) => {
  test.setTimeout(120_000)
  const host = new URL(baseURL!).host
  expect(
    (await docker.withInput("r8_wrong", "login", host, "--username", alice.username, "--password-stdin")).stderr,
  ).toMatch(/unauthorized|denied/i)
  expect((await signIn(alice, host)).code).toBe(0)
  const [hers, his] = [await aModel(alice, baseURL!), await aModel(bob, baseURL!)]
  await build("good")
  await build("plain", { maintainer: "nobody" })
  const refusal = async (image: string, to: string) => {
    await run("tag", image, `${host}/${to}`)
    const { code, stderr } = await docker("push", `${host}/${to}`)
    expect(code, to).not.toBe(0)
    return stderr
  }
  expect(await refusal("good", `${alice.username}/never-made`)).toContain(
    `there is no model ${alice.username}/never-made; create it at ${baseURL}/create?owner=${alice.username}&name=never-made`,
  )
  expect(await refusal("good", `${bob.username}/${his}`)).toContain(`there is no model ${bob.username}/${his}`)
  expect(await refusal("plain", `${alice.username}/${hers}`)).toContain("run.cog.openapi_schema")
})

test("anybody pulls what is public; what is private answers nobody but its owner", async ({ baseURL }) => {
  test.setTimeout(120_000)
  const host = new URL(baseURL!).host
  await signIn(alice, host)
  for (const visibility of ["public", "private"] as const) {
    const image = `${host}/${alice.username}/${await aModel(alice, baseURL!, visibility)}`
    await build(image)
    await run("push", image)
    await run("rmi", "--force", await run("images", "--quiet", image))
    await run("logout", host)
    const { code, stderr } = await docker("pull", image)
    expect(code === 0, `${visibility}: ${stderr}`).toBe(visibility === "public")
    await signIn(alice, host)
    await run("pull", image)
  }
})
