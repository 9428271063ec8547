import { readdirSync, readFileSync } from "node:fs"
import path from "node:path"
import { text } from "node:stream/consumers"
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest"

import { write } from "@/db"
import { env } from "@/env"
import { removeMember } from "@/lib/accounts/members"
import type { Actor } from "@/lib/auth/actor"
import { findBundle, findBundledModel } from "@/lib/bundled/catalogue"
import { openFile } from "@/lib/files/file"
import { collectGarbage } from "@/lib/images/gc"
import { listInstancesOf, listLiveOfRunner } from "@/lib/instances/instance"
import { openWeights } from "@/lib/images/trained-image"
import { renameModel } from "@/lib/models/rename"
import { deleteModel, getModel, updateModel, type Model } from "@/lib/models/model"
import { createPrediction } from "@/lib/predictions/create"
import { deletePrediction, getPrediction, type Prediction } from "@/lib/predictions/prediction"
import { presentPrediction } from "@/lib/predictions/present"
import { replaceOutput } from "@/lib/predictions/running"
import { isOver } from "@/lib/predictions/status"
import { aMember, aModel, anAccount, anOrganization } from "@/lib/test/factories"
import { aRunningHub, aTestModel } from "@/lib/test/running"
import { deleteVersion, getVersion, listVersions, type Version } from "@/lib/versions/version"
import { createVersionAgain } from "./create-version"
import { cancelTraining, createTraining, getTraining, type Training } from "./training"
import { weightsIn } from "./weights"

const csv = readFileSync("lib/test/examples/tickets.csv", "utf8")
const examples = `data:text/csv;base64,${Buffer.from(csv).toString("base64")}`

/** Texts that are not in the training data. */
const unseen = [
  ["Your invoice charges me for a plan I cancelled", "billing"],
  ["I need a refund, the card was charged twice", "billing"],
  ["The app crashes with an error after I sign in", "bug"],
  ["Upload fails and the page freezes", "bug"],
  ["Please add an option to export the calendar", "feature"],
  ["It would be nice to have shortcuts for folders", "feature"],
] as const

const anything = { type: "object", additionalProperties: true, properties: {} }
const trainable = {
  openapi: "3.0.2",
  components: { schemas: { Input: anything, Output: {}, TrainingInput: anything } },
}

let alice: Actor
let hub: Awaited<ReturnType<typeof aRunningHub>>
let classifier: { model: Model; version: Version; name: string }
/** Runs lib/test/cog-model.mjs. */
let trainer: typeof classifier
beforeAll(async () => {
  alice = (await anAccount()).actor
  const { openapi_schema } = findBundle(findBundledModel("classify-text")!)!
  classifier = await aTestModel(alice, { bundled: "classify-text", openapi_schema })
  trainer = await aTestModel(alice, { openapi_schema: trainable })
  hub = await aRunningHub()
})
afterAll(async () => {
  // Trainings would keep running without a hub.
  const isTraining = ({ pool }: { pool: string }) => pool.startsWith("training:")
  await vi.waitFor(async () => expect((await listLiveOfRunner(hub.id)).filter(isTraining)).toEqual([]), {
    timeout: 30_000,
    interval: 50,
  })
  await hub.close()
})

const train = (of: typeof classifier, destination: Model, input: object, more: object = {}, actor = alice) =>
  createTraining(
    actor,
    { owner: of.model.owner, name: of.model.name, id: of.version.id },
    { destination: `${destination.owner}/${destination.name}`, input, ...more },
    { origin: "http://x" },
  )

async function end({ id }: Prediction): Promise<Prediction> {
  return vi.waitFor(
    async () => {
      const now = await getPrediction(alice, id)
      expect(isOver(now.status), `${now.status}: ${now.logs}`).toBe(true)
      return now
    },
    { timeout: 50_000, interval: 50 },
  )
}
const running = (training: Training) =>
  vi.waitFor(async () => expect(await getTraining(alice, training.id)).toMatchObject({ status: "processing" }), {
    timeout: 30_000,
    interval: 20,
  })
const run = async (version: string, input: object) =>
  end(await createPrediction(alice, { version: "named" }, { version, input }, { origin: "http://x" }))
const storedFiles = () => readdirSync(path.join(env.DATA_DIR, "registry/blobs"), { recursive: true }).toSorted()
const versionsOf = async ({ owner, name }: Model) => (await listVersions(alice, owner, name)).rows

async function accuracyOf(version: string): Promise<number> {
  const labels = await Promise.all(unseen.map(async ([text]) => (await run(version, { text })).output))
  return unseen.filter(([, label], n) => (labels[n] as { label: string }).label === label).length / unseen.length
}

describe("a training that succeeds", () => {
  let destination: Model
  let training: Training
  beforeAll(async () => {
    destination = await aModel(alice, { hardware: "cpu-small" })
    training = await end(await train(classifier, destination, { examples }))
  })

  test("makes one version of its destination, which is the latest and knows the new labels", async () => {
    expect(training).toMatchObject({ status: "succeeded", error: null, expires_at: null })
    const [version, ...others] = await versionsOf(destination)
    expect(others).toEqual([])
    expect(training.output).toMatchObject({
      version: `${destination.owner}/${destination.name}:${version!.id}`,
      weights: expect.stringMatching(/^understudy:\/files\//),
    })
    expect((await getModel(alice, destination.owner, destination.name)).latest_version).toMatchObject({
      id: version!.id,
    })
    const [before, after] = [
      await accuracyOf(classifier.name),
      await accuracyOf(`${destination.owner}/${destination.name}`),
    ]
    console.log(`fine-tuned version: accuracy on unseen texts ${before} before, ${after} after`)
    expect(before).toBe(0)
    expect(after).toBeGreaterThan(0.8)
  })

  test("says what it cost and how long it took, and its output names a file that is there", async () => {
    const shown = presentPrediction(training, "http://x")
    expect(shown.metrics).toMatchObject({
      predict_time: expect.any(Number),
      total_time: expect.any(Number),
      cost_usd: expect.any(Number),
    })
    expect(shown.output).toMatchObject({ weights: expect.stringMatching(/^http:\/\/x\/files\/.*bin$/) })
    const given = await weightsIn(training, training.output)
    if (typeof given === "string") throw new Error(given)
    const [version] = await versionsOf(destination)
    const { trained } = await getVersion(alice, destination.owner, destination.name, version!.id)
    expect(trained).toMatchObject({ training: training.id, trainer: `${classifier.name}:${classifier.version.id}` })
    const own = await text((await openWeights(destination.id, trained!.weights))!)
    expect(own).toBe(await text(await openFile(given.file)))
  })

  test("runs on what its version holds, when the data of the training is gone", async () => {
    await deletePrediction(alice, training.id)
    await collectGarbage(0)
    const [version] = await versionsOf(destination)
    expect(await run(version!.id, { text: unseen[2][0] })).toMatchObject({
      status: "succeeded",
      output: { label: "bug" },
    })
  })

  test("with other examples makes a second version, with the same ones the same version once more", async () => {
    const again = await end(await train(classifier, destination, { examples }))
    expect(await versionsOf(destination)).toHaveLength(1)
    const other = await end(await train(classifier, destination, { examples, epochs: 3 }))
    const ids = (await versionsOf(destination)).map(({ id }) => id)
    expect(ids).toHaveLength(2)
    expect([again, other].map(({ output }) => (output as { version: string }).version.split(":")[1])).toEqual([
      ids[1],
      ids[0],
    ])
  })

  test("leaves versions that are deleted like any other", async () => {
    const { owner, name } = destination
    await updateModel(alice, owner, name, { visibility: "private" })
    for (const { id } of await versionsOf(destination)) await deleteVersion(alice, owner, name, id)
    await deleteModel(alice, owner, name)
  })
})

test("each has an instance of its own, which is stopped afterwards", async () => {
  const destination = await aModel(alice)
  const trainings = [1, 2].map((epochs) => train(classifier, destination, { examples, epochs }))
  const [one, two] = await Promise.all((await Promise.all(trainings)).map(end))
  expect(one!.instance_id).not.toBe(two!.instance_id)
  await vi.waitFor(
    async () => {
      for (const { pool, instance_id } of [one!, two!])
        expect(await listInstancesOf(pool, 10)).toMatchObject([{ id: instance_id, state: "stopped", reason: "done" }])
    },
    { timeout: 20_000, interval: 50 },
  )
})

describe("a training without a version", () => {
  test("fails with what the model says", async () => {
    const destination = await aModel(alice)
    expect(await end(await train(trainer, destination, { do: "fail" }))).toMatchObject({
      status: "failed",
      error: "this went wrong",
    })
    expect(await versionsOf(destination)).toEqual([])
  })

  test.each([
    [{ do: "say", text: "hello" }, "not one of its own files: hello"],
    [{ do: "say", text: "https://example.com/weights.tar" }, "not one of its own files"],
    [{ do: "stream" }, "returned no weights"],
  ])("fails where it gives no weights: %j", async (input, error) => {
    const destination = await aModel(alice)
    expect(await end(await train(trainer, destination, input))).toMatchObject({
      status: "failed",
      error: expect.stringContaining(error),
    })
    expect(await versionsOf(destination)).toEqual([])
  })

  test("takes a file alone for weights too", async () => {
    const destination = await aModel(alice)
    const training = await end(await train(trainer, destination, { do: "file", name: "lora.safetensors", size: 5000 }))
    expect(training).toMatchObject({
      status: "succeeded",
      output: { weights: expect.stringMatching(/lora.safetensors$/) },
    })
    const [version] = await versionsOf(destination)
    expect(version!.trained!.weights).toMatchObject({ name: "lora.safetensors", size: 5000 })
    expect(await run(version!.id, { do: "weights" })).toMatchObject({
      output: { status: 200, name: "lora.safetensors", body: "\u0007".repeat(5000) },
    })
  })

  test("is cancelled with what it gave so far, and stays without", async () => {
    const destination = await aModel(alice)
    const training = await train(trainer, destination, { do: "epochs", epochs: 1000 })
    await running(training)
    await vi.waitFor(async () => expect((await getTraining(alice, training.id)).logs).toContain("loss=0.5"), {
      timeout: 20_000,
    })
    expect(await cancelTraining(alice, training.id)).toMatchObject({
      status: "canceled",
      logs: expect.stringContaining("loss=0.5"),
    })
    expect(await versionsOf(destination)).toEqual([])
  })

  test("is cancelled when it has cost what it may", async () => {
    const training = await train(
      trainer,
      await aModel(alice),
      { do: "wait", seconds: 60 },
      { cost_limit_usd: "0.000000001" },
    )
    expect(await end(training)).toMatchObject({
      status: "canceled",
      error: "It reached its cost limit of $0.000000001.",
    })
  })
})

describe("the destination", () => {
  test("deleted meanwhile loses no weights: the version is created again, of another model", async () => {
    const destination = await aModel(alice, { visibility: "private" })
    const training = await train(trainer, destination, { do: "slowFile", seconds: 2, size: 3000 })
    await running(training)
    await deleteModel(alice, destination.owner, destination.name)
    const failed = await end(training)
    expect(failed).toMatchObject({
      status: "failed",
      error: expect.stringMatching(/was deleted .* The weights are kept/),
      output: { weights: expect.any(String) },
    })
    await expect(createVersionAgain(alice, training.id)).rejects.toMatchObject({ kind: "missing" })
    const other = await aModel(alice)
    const again = await createVersionAgain(alice, training.id, `${other.owner}/${other.name}`)
    const [version] = await versionsOf(other)
    expect(again.output).toMatchObject({ version: `${other.owner}/${other.name}:${version!.id}` })
    expect(await getTraining(alice, training.id)).toMatchObject({ status: "failed", output: again.output })
  })

  test("whose account is full gets its version once there is room", async () => {
    const { actor } = await anAccount()
    const destination = await aModel(actor)
    const training = await train(trainer, destination, { do: "file", size: 600_000 }, {}, actor)
    // Enough storage for the weights, but not for the rest of a version.
    env.STORAGE_PER_ACCOUNT_GB = 0.001
    const ended = await vi.waitFor(
      async () => {
        const now = await getTraining(actor, training.id)
        expect(isOver(now.status)).toBe(true)
        return now
      },
      { timeout: 40_000, interval: 50 },
    )
    expect(ended).toMatchObject({ status: "failed", error: expect.stringContaining("may store 0.001 GB") })
    await expect(createVersionAgain(actor, training.id)).rejects.toMatchObject({ kind: "forbidden" })
    env.STORAGE_PER_ACCOUNT_GB = 0
    expect((await createVersionAgain(actor, training.id)).output).toMatchObject({ version: expect.any(String) })
  })

  test("gets no version from somebody who was removed meanwhile, and the weights are kept", async () => {
    const { organization, actor: owner } = await anOrganization()
    const member = await aMember(owner, organization, "developer")
    const destination = await aModel(owner, { owner: organization.username })
    const training = await train(trainer, destination, { do: "slowFile", seconds: 1, size: 10 }, {}, member)
    await removeMember(owner, organization, member.username)
    const ended = await vi.waitFor(
      async () => {
        const now = await getTraining(owner, training.id)
        expect(isOver(now.status)).toBe(true)
        return now
      },
      { timeout: 40_000, interval: 50 },
    )
    expect(ended).toMatchObject({
      status: "failed",
      error: expect.stringMatching(/may no longer push .* The weights are kept/),
      output: { weights: expect.any(String) },
    })
    expect((await listVersions(owner, destination.owner, destination.name)).rows).toEqual([])

    // Nothing is stored for those who may not push.
    const viewer = await aMember(owner, organization, "viewer")
    const before = storedFiles()
    await expect(createVersionAgain(viewer, training.id)).rejects.toMatchObject({ kind: "forbidden" })
    expect(storedFiles()).toEqual(before)
    expect((await createVersionAgain(owner, training.id)).output).toMatchObject({ version: expect.any(String) })

    // Deleted data does not come back.
    await deletePrediction(owner, training.id)
    const fields = { output: ended.output, destination_id: destination.id, destination: "x/y" }
    expect(await write((tx) => replaceOutput(tx, training.number, fields))).toBeUndefined()
    expect(await getTraining(owner, training.id)).toMatchObject({ output: null })
  })

  test("that was renamed meanwhile is found under its new name", async () => {
    const destination = await aModel(alice)
    const training = await train(trainer, destination, { do: "slowFile", seconds: 1, size: 10 })
    await running(training)
    await renameModel(alice, destination.owner, destination.name, { name: `${destination.name}-new` })
    expect((await end(training)).output).toMatchObject({
      version: expect.stringContaining(`${destination.owner}/${destination.name}-new:`),
    })
  })
})

test("goes on over a restart, and makes its version once", async () => {
  const destination = await aModel(alice)
  // Longer than a restart takes on a busy machine.
  const training = await train(trainer, destination, { do: "slowFile", seconds: 8, size: 100 })
  await running(training)
  await hub.restart()
  expect(await end(training)).toMatchObject({ status: "succeeded" })
  expect(await versionsOf(destination)).toHaveLength(1)
})
