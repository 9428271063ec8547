import { execFileSync, spawn } from "node:child_process"
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import path from "node:path"
import { Readable } from "node:stream"
import { buffer, text } from "node:stream/consumers"
import { eq } from "drizzle-orm"
import { afterAll, beforeAll, expect, test, vi } from "vitest"

import { databaseHandle, write } from "@/db"
import { predictions } from "@/db/schema"
import { env } from "@/env"
import type { Actor } from "@/lib/auth/actor"
import { fromNow, now } from "@/lib/clock"
import { failInterrupted } from "@/lib/hub/ending"
import { hubJobs, hubPort, startHub } from "@/lib/hub/hub"
import { hub as known } from "@/lib/hub/state"
import { collectGarbage } from "@/lib/images/gc"
import type { Model } from "@/lib/models/model"
import { createPrediction } from "@/lib/predictions/create"
import { isBeingStored, setStoringUntil } from "@/lib/predictions/running"
import { aModel, anAccount, aToken } from "@/lib/test/factories"
import { FakeRunner } from "@/lib/test/fake-runner"
import {
  anImage,
  aRegistry,
  aSchema,
  basic,
  cogLabels,
  formats,
  pushBlob,
  pushImage,
  sha256,
  type Registry,
} from "@/lib/test/registry"
import { presentVersion } from "@/lib/models/version-body"
import { getModelJson } from "@/lib/models/model-json"
import { trainerShownTo } from "@/lib/versions/trained"
import { deleteVersion, getVersion, listVersions } from "@/lib/versions/version"
import { updateModel } from "@/lib/models/model"
import { costLimitsJob } from "./cost-limit"
import { endTraining } from "./ending"
import { createTraining, getTraining } from "./training"

const content = Buffer.from("these are fine-tuned weights")
const schema = aSchema()
const labels = cogLabels({
  "run.cog.openapi_schema": JSON.stringify({
    ...schema,
    components: {
      schemas: { ...schema.components.schemas, TrainingInput: { type: "object", properties: {} }, TrainingOutput: {} },
    },
  }),
})

let alice: Actor
let auth: string
let registry: Registry
let runner: FakeRunner
let stop: () => Promise<void>
beforeAll(async () => {
  const { owner, actor } = await anAccount()
  alice = actor
  auth = basic(owner.username, await aToken(actor))
  registry = await aRegistry()
  stop = startHub()
  runner = new FakeRunner(undefined, [{ sku: "cpu", total: 10 }], ["docker"])
})
afterAll(async () => {
  await stop()
  await registry.close()
})

const nameOf = ({ owner, name }: Pick<Model, "owner" | "name">) => `${owner}/${name}`
const newest = async ({ owner, name }: Model) => (await listVersions(alice, owner, name)).rows[0]!
const settle = async () => {
  for (let n = 0; n < 4; n++) {
    for (const one of known().runners.values()) one.decidedAt = -Infinity
    await runner.report()
  }
}
const get = (repository: string, what: string) =>
  registry.call("GET", `/v2/${repository}/${what}`, {
    auth,
    headers: {
      accept: Object.values(formats)
        .map(({ manifest }) => manifest)
        .join(),
    },
  })

/** Trains the latest version of a model up to its uploaded weights, which are not reported yet. */
async function withWeights(trainer: Model, destination: Model, weights = content, more: object = {}) {
  const { id } = await newest(trainer)
  const training = await createTraining(
    alice,
    { owner: trainer.owner, name: trainer.name, id },
    { destination: nameOf(destination), input: {}, ...more },
    { origin: "http://x" },
  )
  await settle()
  await runner.makeReady()
  await settle()
  const { instance } = runner.running.find((run) => run.id === training.id)!
  const file = { name: "flux lora.tar", content_type: "application/x-tar" }
  const { url } = await hubPort.putOutput(instance, training.id, file, Readable.from([weights]))
  return { id: training.id, instance, output: { weights: url } }
}

async function trained(trainer: Model, destination: Model, weights = content) {
  const { id, output } = await withWeights(trainer, destination, weights)
  await runner.finish(id, output)
  await settle()
  return getTraining(alice, id)
}

const storedFiles = () => readdirSync(path.join(env.DATA_DIR, "registry/blobs"), { recursive: true }).toSorted()

async function aTrainer() {
  const model = await aModel(alice)
  const image = anImage({ labels })
  expect((await pushImage(registry, nameOf(model), auth, image)).status).toBe(201)
  return { model, image }
}

test.each(["oci", "docker"] as const)(
  "of a pushed trainer (%s) a version is an image with one more layer, under its own digest",
  async (format) => {
    const trainer = await aModel(alice)
    const image = anImage({ labels, format })
    await pushImage(registry, nameOf(trainer), auth, image)
    const destination = await aModel(alice, { visibility: "private" })
    const training = await trained(trainer, destination)
    expect(training).toMatchObject({ status: "succeeded", error: null })
    const version = await newest(destination)
    expect(training.output).toMatchObject({ version: `${nameOf(destination)}:${version.id}` })
    expect(version).toMatchObject({ cog_version: "0.16.12", layers: 2, trained: { image: image.digest } })

    const pulled = await get(nameOf(destination), `manifests/sha256:${version.id}`)
    expect(pulled).toMatchObject({ status: 200, headers: { "content-type": formats[format].manifest } })
    expect(sha256(pulled.bytes)).toBe(`sha256:${version.id}`)
    expect((await get(nameOf(destination), "manifests/latest")).text).toBe(pulled.text)
    const { config, layers } = JSON.parse(pulled.text)
    expect(layers[0]).toEqual(JSON.parse(image.manifest).layers[0])
    const own = JSON.parse((await get(nameOf(destination), `blobs/${config.digest}`)).text)
    expect(own.config.Labels).toMatchObject({
      ...labels,
      "understudy.trainer": image.digest,
      "understudy.weights": sha256(content),
    })
    expect(own.config.Entrypoint[0]).toBe("/opt/understudy/start")
    expect(own.rootfs.diff_ids).toHaveLength(2)
    const layer = await get(nameOf(destination), `blobs/${layers[1].digest}`)
    expect(sha256(layer.bytes)).toBe(own.rootfs.diff_ids[1])

    // Garbage collection does not remove what the version consists of.
    await collectGarbage(0)
    for (const digest of [config.digest, layers[0].digest, layers[1].digest])
      expect(await get(nameOf(destination), `blobs/${digest}`)).toMatchObject({ status: 200 })
  },
)

test("runs here as the image of its trainer, with the weights at an address of its own", async () => {
  const { model, image } = await aTrainer()
  const destination = await aModel(alice)
  await trained(model, destination)
  const version = await newest(destination)
  await createPrediction(alice, { version: "named" }, { version: nameOf(destination), input: {} }, { origin: "" })
  let start: Awaited<ReturnType<typeof runner.report>>["start"] = []
  for (let n = 0; n < 4 && start.length === 0; n++) {
    for (const one of known().runners.values()) one.decidedAt = -Infinity
    ;({ start } = await runner.report())
  }
  expect(start).toMatchObject([
    {
      image: expect.stringMatching(new RegExp(`/${nameOf(destination)}@${image.digest}$`)),
      mode: "predict",
      weights: { name: "flux_lora.tar" },
    },
  ])
  const { id, weights } = start[0]!
  const opened = await hubPort.openInput(id, null, weights!.file)
  expect(opened).toMatchObject({ name: "flux_lora.tar", size: content.length })
  expect(await text(opened.body)).toBe(content.toString())
  await expect(hubPort.openInput(id, null, version.id)).rejects.toMatchObject({ kind: "missing" })
})

test("can be trained on: the image stays the first trainer's, and the weights are the new ones", async () => {
  const { model, image } = await aTrainer()
  const first = await aModel(alice)
  await trained(model, first)
  const second = await aModel(alice)
  await trained(first, second, Buffer.from("newer weights"))
  const version = await newest(second)
  expect(version).toMatchObject({ layers: 2, trained: { image: image.digest } })
  expect(version.trained!.trainer).toBe(`${nameOf(first)}:${(await newest(first)).id}`)
})

test("outlives its trainer, and frees what it held when it is deleted", async () => {
  const { model } = await aTrainer()
  const destination = await aModel(alice, { visibility: "private" })
  await trained(model, destination)
  await updateModel(alice, model.owner, model.name, { visibility: "private" })
  await deleteVersion(alice, model.owner, model.name, (await newest(model)).id)
  await collectGarbage(0)
  const { id } = await newest(destination)
  const { layers } = JSON.parse((await get(nameOf(destination), `manifests/sha256:${id}`)).text)
  for (const { digest } of layers)
    expect(await get(nameOf(destination), `blobs/${digest}`)).toMatchObject({ status: 200 })
  await deleteVersion(alice, destination.owner, destination.name, id)
  await collectGarbage(0)
  for (const { digest } of layers)
    expect(await get(nameOf(destination), `blobs/${digest}`)).toMatchObject({ status: 404 })
})

test("does not tell the name of its trainer to those who may not see that", async () => {
  const { model } = await aTrainer()
  const destination = await aModel(alice)
  await trained(model, destination)
  const version = await newest(destination)
  const { actor: stranger } = await anAccount()
  expect(await trainerShownTo(stranger, version)).toBe(version.trained!.trainer)
  await updateModel(alice, model.owner, model.name, { visibility: "private" })
  expect(await trainerShownTo(alice, version)).toBe(version.trained!.trainer)
  for (const actor of [stranger, null]) expect(await trainerShownTo(actor, version)).toBeNull()
  const shown = await getVersion(stranger, destination.owner, destination.name, version.id)
  expect(JSON.stringify(presentVersion(shown))).not.toContain(model.name)
  expect(await getModelJson(stranger, destination.owner, destination.name, "http://x")).not.toContain(model.name)
})

test("is stored once, however often and however early its success is reported again", async () => {
  const { model } = await aTrainer()
  const destination = await aModel(alice)
  const { id, instance, output } = await withWeights(model, destination, Buffer.from("weights of their own"))
  const report = () => hubPort.progress(instance, id, { status: "succeeded", output })
  const before = storedFiles()
  await rename("events", "events_gone")
  await expect(report()).rejects.toThrow(/events/)
  const once = storedFiles()
  expect(once.length).toBeGreaterThan(before.length)
  await expect(Promise.all([report(), report()])).rejects.toThrow(/events/)
  expect(storedFiles()).toEqual(once)
  await rename("events_gone", "events")
  await Promise.all([report(), report()])
  expect(await getTraining(alice, id)).toMatchObject({ status: "succeeded" })
  expect(storedFiles()).toEqual(once)
})

test("is stored to the end: no limit and no lost instance undoes a success that was reported", async () => {
  const { model } = await aTrainer()
  const { id, instance, output } = await withWeights(model, await aModel(alice), content, {
    cost_limit_usd: "0.000000001",
  })
  const ending = endTraining(await getTraining(alice, id), { status: "succeeded", output })
  await vi.waitFor(async () => expect(await isBeingStored(id, now())).toBe(true), { interval: 1 })
  await endWhatIsDue(id, instance)
  expect(await ending).toMatchObject({ status: "succeeded" })
  await runner.finish(id, output)
})

test("is left to another server while that stores it, but not for longer", async () => {
  const { model } = await aTrainer()
  const { id, instance, output } = await withWeights(model, await aModel(alice), content, {
    cost_limit_usd: "0.000000001",
  })
  const storedByAnotherUntil = (at: string) => write((tx) => setStoringUntil(tx, id, at))
  await storedByAnotherUntil(fromNow(60))
  await endWhatIsDue(id, instance)
  expect(await getTraining(alice, id)).toMatchObject({ completed_at: null })
  await storedByAnotherUntil(fromNow(-1))
  await endWhatIsDue(id, instance)
  expect(await getTraining(alice, id)).toMatchObject({ status: "canceled" })
  await runner.finish(id, output)
})

/** Runs what ends trainings: their cost limit, their deadline, and the loss of their instance. */
async function endWhatIsDue(id: string, instance: string) {
  await write(async (tx) => {
    await tx
      .update(predictions)
      .set({ deadline: fromNow(-1) })
      .where(eq(predictions.id, id))
  })
  await costLimitsJob.run(new AbortController().signal)
  await hubJobs.find(({ name }) => name === "deadlines")!.run(new AbortController().signal)
  await failInterrupted(id, instance, "Its instance ended.")
}

async function rename(from: string, to: string) {
  // Ends the read transaction of this turn of the event loop.
  await new Promise(setImmediate)
  const { sqlite, pg } = databaseHandle()
  const statement = `alter table ${from} rename to ${to}`
  if (sqlite) sqlite.exec(statement)
  else await pg!.unsafe(statement)
}

test("an index trains with the image that runs here", async () => {
  const model = await aModel(alice)
  const image = anImage({ labels })
  await pushBlob(registry, nameOf(model), auth, image.layer)
  await pushBlob(registry, nameOf(model), auth, image.config)
  const put = (reference: string, type: string, body: string) =>
    registry.call("PUT", `/v2/${nameOf(model)}/manifests/${reference}`, {
      auth,
      headers: { "content-type": type },
      body,
    })
  await put(image.digest, image.type, image.manifest)
  const manifests = [{ mediaType: image.type, digest: image.digest, size: image.manifest.length }]
  const index = JSON.stringify({ schemaVersion: 2, mediaType: formats.oci.index, manifests })
  expect(await put("latest", formats.oci.index, index)).toMatchObject({ status: 201 })
  const destination = await aModel(alice)
  await trained(model, destination)
  expect((await newest(destination)).trained!.image).toBe(image.digest)
})

test("the added layer gives a model server its weights at an address", async () => {
  const { model } = await aTrainer()
  const destination = await aModel(alice)
  await trained(model, destination)
  const { id } = await newest(destination)
  const { layers } = JSON.parse((await get(nameOf(destination), `manifests/sha256:${id}`)).text)
  const archive = (await get(nameOf(destination), `blobs/${layers[1].digest}`)).bytes
  const folder = mkdtempSync(path.join(tmpdir(), "us-trained-"))
  const script = path.join(folder, "opt/understudy/start")
  execFileSync("tar", ["-x", "-C", folder], { input: archive })
  // The script uses a path inside the image, which does not exist here.
  writeFileSync(script, readFileSync(script, "utf8").replaceAll("/opt/understudy", path.join(folder, "opt/understudy")))
  const child = spawn(
    "sh",
    [
      script,
      "python3",
      "-c",
      "import os, urllib.request as u; print(os.environ['COG_WEIGHTS']); print(u.urlopen(os.environ['COG_WEIGHTS']).read().decode(), flush=True); os.killpg(0, 15)",
    ],
    { detached: true },
  )
  const [url, body] = (await buffer(child.stdout)).toString().split("\n")
  rmSync(folder, { recursive: true, force: true })
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/flux_lora\.tar$/)
  expect(body).toBe(content.toString())
})
