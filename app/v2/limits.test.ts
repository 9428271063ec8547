import { randomBytes } from "node:crypto"
import { lstatSync, mkdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs"
import path from "node:path"
import { eq } from "drizzle-orm"
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest"

import { read, write } from "@/db"
import { blobs, uploads } from "@/db/schema"
import { env } from "@/env"
import { listEvents } from "@/lib/events/list"
import type { Actor } from "@/lib/auth/actor"
import { configuredBucket } from "@/lib/bucket/bucket"
import { deleteModel, getModel } from "@/lib/models/model"
import { acceptTransfer, listTransfersTo, offerTransfer } from "@/lib/transfers/transfer"
import { blobStore } from "@/lib/images/blobs"
import { setCreateOnPush } from "@/lib/registry/create-on-push"
import { collectGarbage } from "@/lib/images/gc"
import { aModel, anAccount, aToken } from "@/lib/test/factories"
import { anImage, aRegistry, basic, formats, pushBlob, pushImage, sha256, type Registry } from "@/lib/test/registry"
import { issueToken } from "@/lib/tokens/token"
import { deleteVersion } from "@/lib/versions/version"

let registry: Registry
let alice: Actor
let auth: string

beforeAll(async () => {
  registry = await aRegistry()
})
afterAll(() => registry.close())
beforeAll(async () => {
  ;({ actor: alice } = await anAccount())
  auth = basic(alice.username, await aToken(alice))
})
afterEach(() => {
  env.LAYER_LIMIT_GB = 100
  env.STORAGE_PER_ACCOUNT_GB = 0
})

const call: Registry["call"] = (...args) => registry.call(...args)
const aRepo = async (visibility: "public" | "private" = "private", actor = alice) =>
  `${actor.username}/${(await aModel(actor, { visibility })).name}`
const begin = async (repo: string, as = auth) =>
  (await call("POST", `/v2/${repo}/blobs/uploads/`, { auth: as })).headers.location!
async function namesIn(what: "blobs" | "uploads") {
  const names = []
  for await (const { name } of blobStore().list(what)) names.push(name)
  return names
}

describe("a layer that is too large", () => {
  test.each([
    ["at once, where it says how long it is", false],
    ["as soon as it is, where it does not say", true],
  ])("is refused %s", async (_, chunked) => {
    env.LAYER_LIMIT_GB = 0.0001
    const place = await begin(await aRepo())
    const answer = await call("PATCH", place, { auth, chunked, body: randomBytes(300_000) })
    expect(answer).toMatchObject({
      status: 413,
      code: "SIZE_INVALID",
      message: expect.stringContaining("at most 0.0001 GB"),
    })
  })

  test("may be as large as the limit, in one piece or several", async () => {
    env.LAYER_LIMIT_GB = 0.0001
    const repo = await aRepo()
    await pushBlob(registry, repo, auth, randomBytes(100_000))
    const place = await begin(repo)
    expect((await call("PATCH", place, { auth, body: randomBytes(60_000) })).status).toBe(202)
    expect((await call("PATCH", place, { auth, body: randomBytes(60_000) })).status).toBe(413)
  })
})

describe("the storage of an account", () => {
  test("is used up by all its models together, each content once; and freed by deleting", async () => {
    const { actor } = await anAccount()
    const mine = basic(actor.username, await aToken(actor))
    const [first, second] = [await aRepo("private", actor), await aRepo("private", actor)]
    env.STORAGE_PER_ACCOUNT_GB = 0.00025
    const shared = randomBytes(100_000)
    const image = anImage({ layer: randomBytes(100_000) })
    await pushBlob(registry, first, mine, shared)
    await pushBlob(registry, second, mine, shared)
    expect((await pushImage(registry, second, mine, image)).status).toBe(201)

    const answer = await call("PATCH", await begin(first, mine), { auth: mine, body: randomBytes(100_000) })
    expect(answer).toMatchObject({
      status: 403,
      code: "DENIED",
      message: expect.stringContaining(`${actor.username} may store 0.00025 GB`),
    })

    await deleteVersion(actor, ...(second.split("/") as [string, string]), image.digest.slice(7))
    expect((await call("PATCH", await begin(first, mine), { auth: mine, body: randomBytes(100_000) })).status).toBe(202)
  })

  test("is kept to when many layers arrive side by side, are mounted, or come with a model that is handed over", async () => {
    const { actor } = await anAccount()
    const mine = basic(actor.username, await aToken(actor))
    const repo = await aRepo("private", actor)
    env.STORAGE_PER_ACCOUNT_GB = 0.0003
    const layers = Array.from({ length: 8 }, () => randomBytes(100_000))
    const places = await Promise.all(layers.map(() => begin(repo, mine)))
    const arrived = await Promise.all(layers.map((body, at) => call("PATCH", places[at]!, { auth: mine, body })))
    expect(arrived.map(({ status }) => status).sort()).toEqual([202, 202, 202, 403, 403, 403, 403, 403])
    expect(arrived.find(({ status }) => status === 403)?.message).toContain("may store 0.0003 GB")
    const fitting = layers.flatMap((content, at) =>
      arrived[at]!.status === 202 ? { content, place: places[at]! } : [],
    )
    const answers = await Promise.all(
      fitting.map(({ content, place }) => call("PUT", `${place}?digest=${sha256(content)}`, { auth: mine })),
    )
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201])

    const [theirs, content] = [await aRepo("public"), randomBytes(100_000)]
    await pushBlob(registry, theirs, auth, content)
    expect(
      (await call("POST", `/v2/${repo}/blobs/uploads/?mount=${sha256(content)}&from=${theirs}`, { auth: mine })).status,
    ).toBe(403)
    expect((await call("HEAD", `/v2/${repo}/blobs/${sha256(content)}`, { auth: mine })).status).toBe(404)

    const [owner, name] = theirs.split("/") as [string, string]
    await offerTransfer(alice, owner, name, { to: actor.username })
    const [transfer] = await listTransfersTo(actor)
    await expect(acceptTransfer(actor, transfer!.id, { name })).rejects.toMatchObject({
      kind: "forbidden",
      detail: expect.stringContaining("may store 0.0003 GB"),
    })
    env.STORAGE_PER_ACCOUNT_GB = 0.0004
    await expect(acceptTransfer(actor, transfer!.id, { name })).resolves.toMatchObject({ owner: actor.username })
  })

  test("is used up by what has arrived of unfinished uploads, too, however they are sent", async () => {
    const { actor } = await anAccount()
    const mine = basic(actor.username, await aToken(actor))
    const repo = await aRepo("private", actor)
    env.STORAGE_PER_ACCOUNT_GB = 0.00025
    const [first, second] = [await begin(repo, mine), await begin(repo, mine)]
    expect((await call("PATCH", first, { auth: mine, body: randomBytes(200_000) })).status).toBe(202)
    for (const chunked of [true, false])
      expect(await call("PATCH", second, { auth: mine, chunked, body: randomBytes(100_000) })).toMatchObject({
        status: chunked ? 403 : 404,
      })
    // Canceling the upload frees its space.
    await call("DELETE", first, { auth: mine })
    expect((await call("PATCH", await begin(repo, mine), { auth: mine, body: randomBytes(100_000) })).status).toBe(202)
  })

  test("is kept to while many uploads arrive that do not say how long they are", async () => {
    const { actor } = await anAccount()
    const mine = basic(actor.username, await aToken(actor))
    const repo = await aRepo("private", actor)
    env.STORAGE_PER_ACCOUNT_GB = 0.003
    const places = await Promise.all(Array.from({ length: 10 }, () => begin(repo, mine)))
    const bodies = places.map(() => randomBytes(1_000_000))
    await Promise.all(places.map((place, at) => call("PATCH", place, { auth: mine, chunked: true, body: bodies[at]! })))
    let kept = 0
    for await (const { name, size } of blobStore().list("uploads"))
      if (places.some((place) => place.includes(name.slice(0, 36)))) kept += size
    expect(kept).toBeLessThanOrEqual(3_000_000)
    expect(kept).toBeGreaterThan(0)
  })

  test("is used up by manifests, too", async () => {
    const { actor } = await anAccount()
    const mine = basic(actor.username, await aToken(actor))
    const repo = await aRepo("private", actor)
    const put = (n: number) => {
      const body = JSON.stringify({
        schemaVersion: 2,
        mediaType: formats.oci.index,
        manifests: [],
        annotations: { text: String(n).repeat(90_000) },
      })
      const headers = { "content-type": formats.oci.index }
      return call("PUT", `/v2/${repo}/manifests/${sha256(body)}`, { auth: mine, body, headers })
    }
    env.STORAGE_PER_ACCOUNT_GB = 0.0002
    expect([(await put(1)).status, (await put(2)).status]).toEqual([201, 201])
    expect(await put(3)).toMatchObject({ status: 403, message: expect.stringContaining("may store 0.0002 GB") })
    // Pushing it again takes no more space.
    expect((await put(2)).status).toBe(201)
  })

  test("that is used up already lets no upload begin", async () => {
    const { actor } = await anAccount()
    const mine = basic(actor.username, await aToken(actor))
    const repo = await aRepo("private", actor)
    await pushBlob(registry, repo, mine, randomBytes(100_000))
    env.STORAGE_PER_ACCOUNT_GB = 0.0001
    expect(await call("POST", `/v2/${repo}/blobs/uploads/`, { auth: mine })).toMatchObject({
      status: 403,
      code: "DENIED",
    })
  })
})

if (!configuredBucket())
  test("an upload that fills the disk is given up, so that it does not keep it full", async () => {
    const place = await begin(await aRepo())
    const file = path.join(env.DATA_DIR, "registry/uploads", place.split("/").at(-1)!)
    rmSync(file)
    symlinkSync("/dev/full", file)
    expect(await call("PATCH", place, { auth, body: randomBytes(100_000) })).toMatchObject({
      status: 507,
      message: expect.stringContaining("disk is full"),
    })
    expect((await call("GET", place, { auth })).code).toBe("BLOB_UPLOAD_UNKNOWN")
    expect(lstatSync(file, { throwIfNoEntry: false })).toBeUndefined()
  })

describe("a push that creates its model", () => {
  test("is what an account opts in to: private, on the hardware it chose", async () => {
    const { owner, actor } = await anAccount()
    const mine = basic(owner.username, await aToken(actor, { scopes: ["push"] }))
    const repo = `${owner.username}/pushed`
    expect((await call("POST", `/v2/${repo}/blobs/uploads/`, { auth: mine })).code).toBe("NAME_UNKNOWN")

    await setCreateOnPush(actor, owner, "cpu")
    const bearer = `Bearer ${JSON.parse((await call("GET", `/v2/token?scope=repository:${repo}:pull,push`, { auth: mine })).text).token}`
    const image = anImage()
    const answers = await Promise.all(
      Array.from({ length: 4 }, () => call("POST", `/v2/${repo}/blobs/uploads/`, { auth: bearer })),
    )
    expect(answers.map(({ status }) => status)).toEqual([202, 202, 202, 202])
    expect((await pushImage(registry, repo, bearer, image)).status).toBe(201)
    expect(await getModel(actor, owner.username, "pushed")).toMatchObject({
      visibility: "private",
      hardware: "cpu",
      latest_version: { id: image.digest.slice(7) },
    })

    await setCreateOnPush(actor, owner, null)
    const { rows: changes } = await listEvents(actor, owner, { topic: "settings" })
    expect(changes.slice(0, 2).map(({ details }) => details)).toEqual([
      { create_on_push: null },
      { create_on_push: "cpu" },
    ])
    expect((await call("POST", `/v2/${owner.username}/another/blobs/uploads/`, { auth: mine })).code).toBe(
      "NAME_UNKNOWN",
    )
  })

  test("is nobody else's to make, nor for a name that cannot be", async () => {
    const { owner, actor } = await anAccount()
    await setCreateOnPush(actor, owner, "cpu")
    expect((await call("POST", `/v2/${owner.username}/mine-now/blobs/uploads/`, { auth })).code).toBe("NAME_UNKNOWN")
    const mine = basic(owner.username, await aToken(actor))
    for (const name of ["-x", "dr.-strange", "a___b", "page.rsc"])
      expect(await call("POST", `/v2/${owner.username}/${name}/blobs/uploads/`, { auth: mine })).toMatchObject({
        status: 400,
        code: "NAME_INVALID",
        message: expect.stringContaining(`${name} is not a valid model name. `),
      })
    await expect(setCreateOnPush(alice, owner, "cpu")).rejects.toMatchObject({ kind: "missing" })
    await expect(setCreateOnPush(actor, owner, "abacus")).rejects.toMatchObject({ kind: "invalid" })
  })
})

test("a token that was made for one model pushes to that one only, and reads nothing else that is private", async () => {
  const model = await aModel(alice, { visibility: "private" })
  const { secret } = await issueToken(alice, { name: "push", scopes: ["push"] }, undefined, model.id)
  const narrow = basic(alice.username, secret)
  const other = await aRepo()
  expect((await pushImage(registry, `${alice.username}/${model.name}`, narrow)).status).toBe(201)
  expect((await call("GET", `/v2/${alice.username}/${model.name}/manifests/latest`, { auth: narrow })).status).toBe(200)
  expect(await call("POST", `/v2/${other}/blobs/uploads/`, { auth: narrow })).toMatchObject({
    status: 404,
    code: "NAME_UNKNOWN",
  })
  expect((await call("GET", `/v2/${other}/tags/list`, { auth: narrow })).status).toBe(404)
})

test("a model that is deleted while it is pushed to is unknown to the push, and nothing of it stays", async () => {
  const answers: string[] = []
  const began = performance.now()
  await pushEachStep(await aRepo(), anImage())
  const took = performance.now() - began
  for (let round = 0; round < 25; round++) {
    const repo = await aRepo()
    const [owner, name] = repo.split("/") as [string, string]
    const images = [anImage(), anImage()]
    const [deleted, ...pushed] = await Promise.allSettled([
      new Promise((resolve) => setTimeout(resolve, (took * round) / 12)).then(() => deleteModel(alice, owner, name)),
      ...images.map((image) => pushEachStep(repo, image)),
    ])
    for (const one of pushed) {
      if (one.status === "rejected") throw one.reason
      answers.push(`${one.value.status} ${one.value.code ?? ""}`)
    }
    // Either the push came first, and the model stays with its version, or the deletion did, and everything is gone.
    if (deleted.status === "fulfilled") expect(answers.slice(-2), `round ${round}`).not.toContain("201 ")
    else expect((await getModel(alice, owner, name)).latest_version).not.toBeNull()
  }
  expect(answers.filter((answer) => answer !== "201 " && answer !== "404 NAME_UNKNOWN")).toEqual([])
  expect(answers).toContain("404 NAME_UNKNOWN")
  // Fifty pushes to a bucket take minutes on a busy machine.
}, 600_000)

/** Pushes an image. Returns the first response that is an error, or else the last one. */
async function pushEachStep(repo: string, { layer, config, digest, type, manifest }: ReturnType<typeof anImage>) {
  for (const content of [layer, config]) {
    const begun = await call("POST", `/v2/${repo}/blobs/uploads/`, { auth })
    if (begun.status !== 202) return begun
    const kept = await call("PUT", `${begun.headers.location}?digest=${sha256(content)}`, { auth, body: content })
    if (kept.status !== 201) return kept
  }
  const child = await call("PUT", `/v2/${repo}/manifests/${digest}`, {
    auth,
    headers: { "content-type": type },
    body: manifest,
  })
  return child.status === 201
    ? call("PUT", `/v2/${repo}/manifests/latest`, { auth, headers: { "content-type": type }, body: manifest })
    : child
}

describe("garbage collection", () => {
  test("frees the contents of a deleted version once no model holds them", async () => {
    const [first, second] = [await aRepo(), await aRepo()]
    const image = anImage()
    for (const repo of [first, second]) await pushImage(registry, repo, auth, image)
    const [row] = await read()
      .select()
      .from(blobs)
      .where(eq(blobs.digest, sha256(image.layer)))
    const layerFile = async () => (await namesIn("blobs")).filter((name) => name === row!.file).length

    await deleteVersion(alice, ...(first.split("/") as [string, string]), image.digest.slice(7))
    await collectGarbage()
    expect(await layerFile()).toBe(1)
    expect((await call("HEAD", `/v2/${first}/blobs/${sha256(image.layer)}`, { auth })).status).toBe(404)
    expect((await call("GET", `/v2/${second}/blobs/${sha256(image.layer)}`, { auth })).bytes.equals(image.layer)).toBe(
      true,
    )

    await deleteVersion(alice, ...(second.split("/") as [string, string]), image.digest.slice(7))
    expect(await collectGarbage()).toMatchObject({ contents: 2, bytes: image.layer.length + image.config.length })
    expect(await layerFile()).toBe(0)
  })

  test("leaves a push that is under way alone, and sweeps it a day later", async () => {
    const repo = await aRepo()
    const kept = await pushBlob(registry, repo, auth, randomBytes(1000))
    const place = await begin(repo)
    await call("PATCH", place, { auth, body: "half of it" })
    expect(await collectGarbage()).toMatchObject({ contents: 0, uploads: 0 })
    expect((await call("HEAD", `/v2/${repo}/blobs/${kept}`, { auth })).status).toBe(200)
    expect((await call("GET", place, { auth })).status).toBe(204)

    // -1 makes everything count as old, as if a day had passed.
    const swept = await collectGarbage(-1)
    expect(swept.contents).toBeGreaterThan(0)
    expect(swept.uploads).toBeGreaterThan(0)
    expect((await call("HEAD", `/v2/${repo}/blobs/${kept}`, { auth })).status).toBe(404)
    expect((await call("GET", place, { auth })).status).toBe(404)
    expect(await namesIn("uploads")).toEqual([])
  })

  if (!configuredBucket())
    test("leaves a file alone whose row could be about to be written, whatever it is asked for", async () => {
      const stray = path.join(env.DATA_DIR, "registry/blobs/sha256/00/stray")
      mkdirSync(path.dirname(stray), { recursive: true })
      writeFileSync(stray, "arriving")
      expect(await collectGarbage(0)).toMatchObject({ strays: 0 })
      const longAgo = new Date(Date.now() - 2 * 3600 * 1000)
      utimesSync(stray, longAgo, longAgo)
      expect(await collectGarbage(0)).toMatchObject({ strays: 1 })
    })

  test("never takes anything from a version, however often it runs beside pushes", async () => {
    const repo = await aRepo()
    let pushing = true
    const sweeping = (async () => {
      while (pushing) await collectGarbage()
    })()
    const layer = randomBytes(50_000)
    const images = Array.from({ length: 8 }, () => anImage({ layer }))
    for (const image of images) expect((await pushImage(registry, repo, auth, image)).status).toBe(201)
    pushing = false
    await sweeping
    for (const { digest, config } of images) {
      expect((await call("GET", `/v2/${repo}/manifests/${digest}`, { auth })).status).toBe(200)
      for (const blob of [sha256(config), sha256(layer)])
        expect((await call("GET", `/v2/${repo}/blobs/${blob}`, { auth })).status).toBe(200)
    }
  })
})

describe("unfinished uploads", () => {
  test("of an account are so many and no more, and those that nobody goes on with make room", async () => {
    const { actor } = await anAccount()
    const mine = basic(actor.username, await aToken(actor))
    const repo = await aRepo("private", actor)
    const places = []
    for (let n = 0; n < 100; n++) places.push(await begin(repo, mine))
    const start = () => call("POST", `/v2/${repo}/blobs/uploads/`, { auth: mine })
    expect(await start()).toMatchObject({ status: 429, code: "TOOMANYREQUESTS", headers: { "retry-after": "60" } })
    expect((await call("POST", `/v2/${await aRepo()}/blobs/uploads/`, { auth })).status).toBe(202)

    await call("DELETE", places.pop()!, { auth: mine })
    expect((await start()).status).toBe(202)
    expect((await start()).status).toBe(429)
    const old = new Date(Date.now() - 3600_000).toISOString()
    const abandoned = places[0]!.split("/").at(-1)!
    await write(async (tx) => void (await tx.update(uploads).set({ written_at: old }).where(eq(uploads.id, abandoned))))
    expect((await start()).status).toBe(202)
    expect((await call("GET", places[0]!, { auth: mine })).status).toBe(404)
    expect((await call("GET", places[1]!, { auth: mine })).status).toBe(204)
  })
})

describe("manifests that nothing leads to", () => {
  test("are swept after a day, and those that are named, versions, or about another one stay", async () => {
    const repo = await aRepo()
    const config = await pushBlob(registry, repo, auth, "{}")
    const put = async (more: object, reference?: string) => {
      const body = JSON.stringify({
        schemaVersion: 2,
        mediaType: formats.oci.manifest,
        config: { mediaType: "application/vnd.oci.empty.v1+json", digest: config, size: 2 },
        layers: [],
        ...more,
      })
      const headers = { "content-type": (JSON.parse(body) as { mediaType: string }).mediaType }
      const { status } = await call("PUT", `/v2/${repo}/manifests/${reference ?? sha256(body)}`, {
        auth,
        body,
        headers,
      })
      expect(status).toBe(201)
      return { digest: sha256(body), size: body.length, mediaType: headers["content-type"] }
    }
    const image = anImage()
    await pushImage(registry, repo, auth, image)
    const about = (subject: string) => ({ subject: { mediaType: formats.oci.manifest, digest: subject, size: 1 } })
    const kept = [
      image.digest,
      (await put({ annotations: { a: "named" } }, "named")).digest,
      (await put({ annotations: { a: "a signature" }, ...about(image.digest) })).digest,
    ]
    const within = await put({ annotations: { a: "part of an index" } })
    const index = await put({ mediaType: formats.oci.index, manifests: [within], config: undefined, layers: undefined })
    const gone = [
      index.digest,
      within.digest,
      (await put({ annotations: { a: "idle" } })).digest,
      (await put({ annotations: { a: "of nothing" }, ...about(sha256("never was")) })).digest,
    ]
    const statusOf = async (digest: string) => (await call("GET", `/v2/${repo}/manifests/${digest}`, { auth })).status
    const all = [...kept, ...gone]
    await collectGarbage()
    expect(await Promise.all(all.map(statusOf))).toEqual(all.map(() => 200))
    expect((await collectGarbage(-1)).manifests).toBeGreaterThanOrEqual(gone.length)
    expect(await Promise.all(kept.map(statusOf))).toEqual(kept.map(() => 200))
    expect(await Promise.all(gone.map(statusOf))).toEqual(gone.map(() => 404))
  })
})
