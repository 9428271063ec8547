import { createHash, randomBytes } from "node:crypto"
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { createServer, request as ask } from "node:http"
import { connect, type AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { gzipSync } from "node:zlib"
import { expect, test as base } from "@playwright/test"
import Replicate from "replicate"

import { anAccount } from "./accounts"
import { aBundle, aContext, anImage, buildah, buildahPath, cogLabels, schema, skopeo, skopeoPath } from "./images"
import { ownServer } from "./own-server"

const test = base.extend<{ folder: string; host: string }>({
  // eslint-disable-next-line no-empty-pattern
  folder: async ({}, use) => {
    const folder = mkdtempSync(join(tmpdir(), "understudy-push-"))
    await use(folder)
    rmSync(folder, { recursive: true, force: true })
  },
  host: async ({ baseURL }, use) => use(new URL(baseURL!).host),
})

type Account = Awaited<ReturnType<typeof anAccount>>
let alice: Account
let bob: Account
test.beforeAll(async () => {
  ;[alice, bob] = await Promise.all([anAccount("alice"), anAccount("bob")])
})

const clientOf = (account: Account, origin: string) => new Replicate({ auth: account.token, baseUrl: `${origin}/v1` })

async function aModel(account: Account, origin: string, visibility: "public" | "private" = "private") {
  const name = `model-${randomBytes(5).toString("hex")}`
  await clientOf(account, origin).models.create(account.username, name, { visibility, hardware: "cpu" })
  return `${account.username}/${name}`
}

const as = (account: Account, side = "dest") => [
  `--${side}-tls-verify=false`,
  `--${side}-creds`,
  `${account.username}:${account.token}`,
]
const push = (account: Account, folder: string, to: string, ...more: string[]) =>
  skopeo(["copy", ...more, ...as(account), `oci:${folder}`, `docker://${to}`])
const versionsOf = async (account: Account, origin: string, repo: string) =>
  (await clientOf(account, origin).models.versions.list(...(repo.split("/") as [string, string]))) as unknown as {
    results: { id: string; cog_version: string; openapi_schema: unknown }[]
  }

test.describe("skopeo", () => {
  test.skip(!skopeoPath, "skopeo is not installed")

  for (const format of ["oci", "v2s2"] as const)
    test(`pushes an image as ${format}, and the official client has the version`, async ({ folder, host, baseURL }) => {
      const repo = await aModel(alice, baseURL!)
      await anImage(join(folder, "image"), { layers: [12_000_000, 1000] })
      const digestFile = join(folder, "digest")
      const pushed = await push(
        alice,
        join(folder, "image"),
        `${host}/${repo}:latest`,
        "--format",
        format,
        "--digestfile",
        digestFile,
      )
      expect(pushed.stderr + pushed.code).toBe("0")
      const id = readFileSync(digestFile, "utf8").trim().replace("sha256:", "")

      const replicate = clientOf(alice, baseURL!)
      const [owner, name] = repo.split("/") as [string, string]
      expect((await versionsOf(alice, baseURL!, repo)).results).toMatchObject([
        { id, cog_version: "0.16.12", openapi_schema: schema },
      ])
      expect((await replicate.models.get(owner, name)).latest_version).toMatchObject({ id })
      expect(await replicate.models.versions.get(owner, name, id)).toMatchObject({ id })

      const back = join(folder, "back")
      const pulled = await skopeo(["copy", ...as(alice, "src"), `docker://${host}/${repo}@sha256:${id}`, `dir:${back}`])
      expect(pulled.code, pulled.stderr).toBe(0)
      for (const file of readdirSync(back).filter((one) => /^[0-9a-f]{64}$/.test(one)))
        expect(
          createHash("sha256")
            .update(readFileSync(join(back, file)))
            .digest("hex"),
        ).toBe(file)
      expect(
        createHash("sha256")
          .update(readFileSync(join(back, "manifest.json")))
          .digest("hex"),
      ).toBe(id)

      // Pushing it again sends nothing and adds nothing.
      expect((await push(alice, join(folder, "image"), `${host}/${repo}:latest`, "--format", format)).code).toBe(0)
      expect((await versionsOf(alice, baseURL!, repo)).results).toHaveLength(1)
    })

  test("pushes an index with an image and its weights, which is one version under the digest of the index", async ({
    folder,
    host,
    baseURL,
  }) => {
    const repo = await aModel(alice, baseURL!)
    const { weights } = await aBundle(join(folder, "bundle"))
    const digestFile = join(folder, "digest")
    const pushed = await push(
      alice,
      join(folder, "bundle"),
      `${host}/${repo}:latest`,
      "--all",
      "--digestfile",
      digestFile,
    )
    expect(pushed.code, pushed.stderr).toBe(0)
    // Not the digest on disk: skopeo rewrites an index.
    const digest = readFileSync(digestFile, "utf8").trim()
    expect((await versionsOf(alice, baseURL!, repo)).results).toMatchObject([
      { id: digest.slice(7), cog_version: "0.16.12", openapi_schema: schema },
    ])
    const back = join(folder, "back")
    const pulled = await skopeo([
      "copy",
      "--all",
      ...as(alice, "src"),
      `docker://${host}/${repo}@${digest}`,
      `dir:${back}`,
    ])
    expect(pulled.code, pulled.stderr).toBe(0)
    expect(readdirSync(back)).toContain(weights.slice(7))
  })

  test("mounts what another model holds, lists tags and deletes", async ({ folder, host, baseURL }) => {
    const [first, second] = [await aModel(alice, baseURL!), await aModel(alice, baseURL!)]
    await anImage(folder, { layers: [3_000_000] })
    expect((await push(alice, folder, `${host}/${first}:stable`)).code).toBe(0)
    const copied = await skopeo([
      "copy",
      ...as(alice),
      ...as(alice, "src"),
      `docker://${host}/${first}:stable`,
      `docker://${host}/${second}:canary`,
    ])
    expect(copied.code, copied.stderr).toBe(0)
    const options = ["--tls-verify=false", "--creds", `${alice.username}:${alice.token}`]
    expect(JSON.parse((await skopeo(["list-tags", ...options, `docker://${host}/${second}`])).stdout).Tags).toEqual([
      "canary",
      "latest",
    ])
    const gone = await skopeo(["delete", ...options, `docker://${host}/${second}:canary`])
    expect(gone.code, gone.stderr).toBe(0)
    expect((await versionsOf(alice, baseURL!, second)).results).toEqual([])
    expect((await versionsOf(alice, baseURL!, first)).results).toHaveLength(1)
  })

  test("pulls a public model without signing in, and a private one not at all", async ({ folder, host, baseURL }) => {
    const [open, hidden] = [await aModel(alice, baseURL!, "public"), await aModel(alice, baseURL!)]
    await anImage(join(folder, "image"))
    for (const repo of [open, hidden])
      expect((await push(alice, join(folder, "image"), `${host}/${repo}`)).code).toBe(0)
    const pull = (repo: string, to: string) =>
      skopeo([
        "copy",
        "--src-tls-verify=false",
        "--src-no-creds",
        `docker://${host}/${repo}`,
        `dir:${join(folder, to)}`,
      ])
    expect(await pull(open, "a")).toMatchObject({ code: 0 })
    expect((await pull(hidden, "b")).code).not.toBe(0)
    expect(
      (await skopeo(["copy", ...as(bob, "src"), `docker://${host}/${hidden}`, `dir:${join(folder, "c")}`])).stderr,
    ).toContain(`There is no model ${hidden}`)
  })

  test("four pushes at once of images that share a layer are four versions", async ({ folder, host, baseURL }) => {
    const repo = await aModel(alice, baseURL!)
    const plain = randomBytes(15_000_000)
    const content = gzipSync(plain, { level: 0 })
    const digest = (bytes: Buffer) => `sha256:${createHash("sha256").update(bytes).digest("hex")}`
    const shared = { digest: digest(content), size: content.length, diff: digest(plain), content }
    const folders = ["a", "b", "c", "d"].map((one) => join(folder, one))
    const images = await Promise.all(folders.map((one) => anImage(one, { layers: [1_000_000], shared })))
    const pushed = await Promise.all(folders.map((one, n) => push(alice, one, `${host}/${repo}:t${n}`)))
    expect(pushed.map(({ code, stderr }) => stderr || code)).toEqual([0, 0, 0, 0])
    expect((await versionsOf(alice, baseURL!, repo)).results.map(({ id }) => `sha256:${id}`).sort()).toEqual(
      images.map(({ digest }) => digest).sort(),
    )
  })

  test("shows each refusal in its words, at once", async ({ folder, host, baseURL }) => {
    const [mine, bobs, open] = [
      await aModel(alice, baseURL!),
      await aModel(bob, baseURL!),
      await aModel(bob, baseURL!, "public"),
    ]
    await anImage(join(folder, "good"))
    await anImage(join(folder, "plain"), { labels: {} })
    await anImage(join(folder, "broken"), { labels: cogLabels({ "run.cog.openapi_schema": "{" }) })
    const good = join(folder, "good")
    const wrong = { ...alice, token: `us_${"0".repeat(37)}` }
    const refusals: [Promise<{ code: number; stderr: string }>, string][] = [
      [
        push(alice, good, `${host}/${alice.username}/never`),
        `there is no model ${alice.username}/never; create it at ${baseURL}/create?owner=${alice.username}&name=never`,
      ],
      [
        push(alice, good, `${host}/${bobs}`),
        `there is no model ${bobs} that ${alice.username} can push to, and you are signed in as ${alice.username}`,
      ],
      [push(alice, good, `${host}/${open}`), `You are signed in as ${alice.username}, who cannot push to ${open}`],
      [push(wrong, good, `${host}/${mine}`), "username/password"],
      [push(alice, join(folder, "plain"), `${host}/${mine}`), "The image has no label run.cog.openapi_schema"],
      [push(alice, join(folder, "broken"), `${host}/${mine}`), "The label run.cog.openapi_schema is not a JSON object"],
    ]
    for (const [refused, words] of refusals) {
      const { code, stderr } = await refused
      expect(stderr).toContain(words)
      expect(code).not.toBe(0)
    }
    expect((await versionsOf(alice, baseURL!, mine)).results).toEqual([])
  })
})

test("what is too large, too much, or not what was sent is refused in words that skopeo shows", async ({ folder }) => {
  test.skip(!skopeoPath, "skopeo is not installed")
  test.setTimeout(120_000)
  const data = join(folder, "data")
  const server = await ownServer(data, { LAYER_LIMIT_GB: "0.005", STORAGE_PER_ACCOUNT_GB: "0.01" })
  const spoiling = await spoilingProxy(server.port)
  try {
    const account = await anAccount("full", server.origin)
    const repo = await aModel(account, server.origin)
    const sizes = { large: [6_000_000], fits: [4_000_000], much: [4_500_000, 4_400_000], spoilt: [1_000_000] }
    for (const [name, layers] of Object.entries(sizes)) await anImage(join(folder, name), { layers })
    const refused = async (name: keyof typeof sizes, host: string) => {
      const { code, stderr } = await push(account, join(folder, name), `${host}/${repo}`)
      expect(code).not.toBe(0)
      return stderr
    }
    expect(await refused("large", server.host)).toContain(
      "A layer may have at most 0.005 GB. Split it, or ask the operator to raise LAYER_LIMIT_GB.",
    )
    expect(await refused("spoilt", spoiling.host)).toMatch(
      /The uploaded blob has the digest sha256:\w+, not sha256:\w+\. Push again\./,
    )
    expect((await versionsOf(account, server.origin, repo)).results).toEqual([])
    expect(await push(account, join(folder, "fits"), `${server.host}/${repo}`)).toMatchObject({ code: 0 })
    expect(await refused("much", server.host)).toContain(
      `${account.username} may store 0.01 GB, and this would exceed it. Delete unused versions`,
    )
    expect((await versionsOf(account, server.origin, repo)).results).toHaveLength(1)
  } finally {
    await spoiling.close()
    await server.stop()
  }
})

/** Forwards everything to a local port, and changes the first byte of every layer. */
async function spoilingProxy(to: number) {
  const server = createServer((incoming, response) => {
    const onward = ask(
      { host: "127.0.0.1", port: to, method: incoming.method, path: incoming.url, headers: incoming.headers },
      (answer) => {
        response.writeHead(answer.statusCode!, answer.headers)
        answer.pipe(response)
      },
    )
    let first = incoming.method === "PATCH"
    incoming.on("data", (chunk: Buffer) => {
      if (first) chunk[0]! ^= 1
      first = false
      onward.write(chunk)
    })
    incoming.on("end", () => onward.end())
  })
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready))
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => new Promise((closed) => (server.closeAllConnections(), server.close(closed))),
  }
}

for (const format of ["oci", "v2s2"] as const)
  test(`buildah builds an image and pushes it as ${format}, and the official client has the version`, async ({
    folder,
    host,
    baseURL,
  }) => {
    test.skip(!buildahPath, "buildah is not installed, or this is not root")
    test.setTimeout(120_000)
    const repo = await aModel(alice, baseURL!)
    const context = join(folder, "context")
    await aContext(context, 12_000_000)
    const run = async (...args: string[]) => {
      const { code, stdout, stderr } = await buildah(folder, args)
      expect(code, stderr).toBe(0)
      return stdout.trim()
    }
    const signedIn = ["--tls-verify=false", "--creds", `${alice.username}:${alice.token}`]
    await run("bud", "--isolation", "chroot", "--tag", "localhost/built", context)
    await run(
      "push",
      ...signedIn,
      "--format",
      format,
      "--digestfile",
      join(folder, "digest"),
      "localhost/built",
      `docker://${host}/${repo}:latest`,
    )
    const id = readFileSync(join(folder, "digest"), "utf8").trim().replace("sha256:", "")
    const replicate = clientOf(alice, baseURL!)
    expect(await replicate.models.versions.get(...(repo.split("/") as [string, string]), id)).toMatchObject({
      id,
      cog_version: "0.16.12",
      openapi_schema: schema,
    })

    const built = await run("images", "--quiet", "--no-trunc", "localhost/built")
    await run("rmi", "--all", "--force")
    expect(await run("pull", "--quiet", ...signedIn, `docker://${host}/${repo}@sha256:${id}`)).toBe(
      built.replace("sha256:", ""),
    )
    expect(
      (
        await buildah(folder, [
          "push",
          ...signedIn,
          built.replace("sha256:", ""),
          `docker://${host}/${alice.username}/never`,
        ])
      ).stderr,
    ).toContain(`there is no model ${alice.username}/never; create it at`)
  })

test("an upload whose connection broke goes on from where it was", async ({ host, baseURL }) => {
  const repo = await aModel(alice, baseURL!)
  const authorization = `Basic ${Buffer.from(`${alice.username}:${alice.token}`).toString("base64")}`
  const content = randomBytes(40_000_000)
  const begun = await fetch(`${baseURL}/v2/${repo}/blobs/uploads/`, { method: "POST", headers: { authorization } })
  const place = `${baseURL}${begun.headers.get("location")}`
  await new Promise<void>((resolve) => {
    const socket = connect(Number(host.split(":")[1]), "127.0.0.1", () => {
      socket.write(
        `PATCH ${begun.headers.get("location")} HTTP/1.1\r\nHost: ${host}\r\nAuthorization: ${authorization}\r\nContent-Length: ${content.length}\r\n\r\n`,
      )
      socket.write(content.subarray(0, 25_000_000), () => resolve(void socket.destroy()))
    })
  })
  const arrived = ({ headers }: Response) => Number(headers.get("range")!.split("-")[1]) + 1
  let size = 0
  await expect
    .poll(async () => (size = arrived(await fetch(place, { headers: { authorization } }))))
    .toBeGreaterThan(1000)
  const resume = () =>
    fetch(place, {
      method: "PATCH",
      headers: { authorization, "content-range": `${size}-${content.length - 1}` },
      body: content.subarray(size),
    })
  let rest = await resume()
  if (rest.status === 416) {
    // The last data from the broken connection was still being written.
    size = arrived(rest)
    rest = await resume()
  }
  expect(rest.status).toBe(202)
  const digest = `sha256:${createHash("sha256").update(content).digest("hex")}`
  expect((await fetch(`${place}?digest=${digest}`, { method: "PUT", headers: { authorization } })).status).toBe(201)
  const back = Buffer.from(
    await (await fetch(`${baseURL}/v2/${repo}/blobs/${digest}`, { headers: { authorization } })).arrayBuffer(),
  )
  expect(back.equals(content)).toBe(true)
})

test("kill -9 in the middle of pushes tears no content, and no version is without its own", async ({ folder }) => {
  test.skip(!skopeoPath, "skopeo is not installed")
  test.setTimeout(240_000)
  const data = join(folder, "data")
  let server = await ownServer(data)
  const { port } = server
  const account = await anAccount("killed", server.origin)
  const repo = await aModel(account, server.origin)
  let pushed = 0

  for (let round = 0; round < 4; round++) {
    const folders = [0, 1, 2].map((n) => join(folder, `image-${round}-${n}`))
    for (const one of folders) await anImage(one, { layers: [20_000_000, 5_000_000] })
    const pushes = folders.map((one, n) => push(account, one, `${server.host}/${repo}:r${round}-${n}`))
    await new Promise((resolve) => setTimeout(resolve, [150, 400, 700, 1100][round]))
    await server.stop("SIGKILL")
    pushed += (await Promise.all(pushes)).filter(({ code }) => code === 0).length
    server = await ownServer(data, {}, port)

    const { results } = await versionsOf(account, server.origin, repo)
    expect(results.length).toBeGreaterThanOrEqual(pushed)
    for (const { id } of results) {
      const to = join(folder, "pulled")
      // skopeo verifies every digest it pulls.
      const pulled = await skopeo([
        "copy",
        ...as(account, "src"),
        `docker://${server.host}/${repo}@sha256:${id}`,
        `dir:${to}`,
      ])
      expect(pulled.code, pulled.stderr).toBe(0)
    }
    // A repeated push succeeds, continuing from what has arrived.
    for (const [n, one] of folders.entries())
      expect(await push(account, one, `${server.host}/${repo}:r${round}-${n}`)).toMatchObject({ code: 0 })
    pushed = (await versionsOf(account, server.origin, repo)).results.length
  }
  await server.stop()

  const blobs = join(data, "registry", "blobs")
  expect(existsSync(blobs)).toBe(true)
  for (const entry of readdirSync(blobs, { recursive: true, withFileTypes: true }).filter((one) => one.isFile()))
    expect(
      createHash("sha256")
        .update(readFileSync(join(entry.parentPath, entry.name)))
        .digest("hex"),
    ).toBe(entry.name.split("-")[0])
})
