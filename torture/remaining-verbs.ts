import { randomBytes } from "node:crypto"
import { Readable } from "node:stream"
import { Secret, TOTP } from "otpauth"

import type { Actor } from "@/lib/auth/actor"
import { deployable, digits, origin, type Place, type Verb } from "./place"

// Verbs for authority.ts: runs, examples, batches, trainings, deployments, files, second factors, and one's own
// account.

const trainable = {
  openapi: "3.0.2",
  components: { schemas: { Input: { type: "object" }, Output: {}, TrainingInput: { type: "object" } } },
}

/** Creates a public model of another account with a version that anybody may run and train. */
async function publicVersion({ lib, bystander }: Place) {
  const model = await lib.aModel(bystander.actor)
  const { id } = await lib.aVersion(bystander.actor, model, { openapi_schema: trainable })
  return { model, id }
}

/** Creates a model of the organization with two examples. */
async function withExamples({ lib, owner, organization }: Place) {
  const model = await lib.aModel(owner, { owner: organization.username })
  const ids: string[] = []
  for (let n = 0; n < 2; n++) {
    const { id } = await lib.aRun(owner, { owner_id: organization.id, model_id: model.id, status: "succeeded" })
    await lib.addExample(owner, model.owner, model.name, id)
    ids.push(id)
  }
  return { model, ids }
}

const exampleVerbs = (["removeExample", "chooseDefaultExample", "orderExamples", "moveExample"] as const).map(
  (name): Verb => ({
    name,
    scope: "organization",
    byToken: true,
    begin: async (place) => {
      const { lib } = place
      const {
        model: { owner, name: model },
        ids,
      } = await withExamples(place)
      const [first, second] = ids as [string, string]
      return (actor) =>
        name === "orderExamples"
          ? lib.orderExamples(actor, owner, model, [second, first])
          : name === "moveExample"
            ? lib.moveExample(actor, owner, model, second, "first")
            : lib[name](actor, owner, model, second)
    },
  }),
)

const runVerbs: Verb[] = [
  {
    name: "revokeShare",
    scope: "organization",
    byToken: true,
    begin: async ({ lib, owner, organization }) => {
      const { id } = await lib.aRun(owner, { owner_id: organization.id, status: "succeeded" })
      await lib.sharePrediction(owner, id, { hides_input: false, days: 1 })
      return (actor) => lib.revokeShare(actor, id)
    },
  },
  {
    name: "runAgain",
    scope: "organization",
    byToken: true,
    begin: async (place) => {
      const { lib, owner, organization } = place
      const { model, id: version } = await publicVersion(place)
      const named = { version: `${model.owner}/${model.name}:${version}`, input: {} }
      const to = { account: organization, origin: "" }
      const { id } = await lib.createPrediction(owner, { version: "named" }, named, to)
      return (actor) => lib.runAgain(actor, id, "")
    },
  },
  ...(["cancel", "delete"] as const).map((change): Verb => ({
    name: `changePredictions to ${change}`,
    scope: "organization",
    byToken: true,
    begin: async ({ lib, owner, organization }) => {
      const one = await lib.aRun(owner, { owner_id: organization.id })
      const other = await lib.aRun(owner, { owner_id: organization.id })
      return async (actor) => {
        // It skips predictions it may not change.
        if ((await lib.changePredictions(actor, [one.id, other.id], change)) < 2) throw lib.missing()
      }
    },
  })),
  {
    name: "retrySetUp",
    scope: "organization",
    byToken: true,
    begin: async ({ lib, owner, organization }) => {
      const model = await lib.aModel(owner, { owner: organization.username })
      const { id, number } = await lib.aVersion(owner, model)
      const pool = { key: `version:${number}`, model_id: model.id, version: id, hardware: "cpu" }
      await lib.write((tx) => lib.insertPool(tx, { ...pool, failures: 3 }))
      return (actor) => lib.retrySetUp(actor, model.owner, model.name, id)
    },
  },
]

/** Batches belong to their creator's account. */
const batchVerbs: Verb[] = [
  {
    name: "createBatch",
    scope: "account",
    byToken: true,
    begin: async (place) => {
      const { lib, racer } = place
      await lib.write((tx) => lib.deleteBatchesOf(tx, racer.id))
      const { model, id } = await publicVersion(place)
      const batch = { version: `${model.owner}/${model.name}:${id}`, inputs: [{}] }
      return (actor) => lib.createBatch(actor, batch, origin)
    },
  },
  {
    name: "tryVersion",
    scope: "account",
    byToken: true,
    begin: async (place) => {
      const { lib, racer } = place
      await lib.write((tx) => lib.deleteBatchesOf(tx, racer.id))
      const { model, id } = await publicVersion(place)
      const run = { owner_id: racer.id, model_id: model.id, status: "succeeded" } as const
      await lib.aRun(place.bystander.actor, { ...run, input: { a: 1 } })
      return (actor) => lib.tryVersion(actor, model.owner, model.name, id, { of: "runs" }, origin)
    },
  },
  {
    name: "cancelBatch",
    scope: "organization",
    byToken: true,
    begin: async (place) => {
      const { lib, owner, organization, tokens } = place
      await lib.write((tx) => lib.deleteBatchesOf(tx, organization.id))
      const { model, id } = await publicVersion(place)
      const maker = { ...owner, owner_id: organization.id, username: organization.username, roles: undefined }
      const by: Actor = { ...maker, token_id: tokens.organization.token_id, scopes: tokens.organization.scopes }
      const batch = await lib.createBatch(
        by,
        { version: `${model.owner}/${model.name}:${id}`, inputs: [{}, {}] },
        origin,
      )
      const run = await lib.aRun(owner, { owner_id: organization.id })
      await lib.recordRunOutcome(batch.number, 0, { prediction: run.number })
      return (actor) => lib.cancelBatch(actor, batch.id)
    },
  },
]

const trainingVerbs: Verb[] = [
  {
    name: "createTraining",
    scope: "organization",
    byToken: true,
    begin: async (place) => {
      const { lib, owner, organization } = place
      const { model, id } = await publicVersion(place)
      const destination = await lib.aModel(owner, { owner: organization.username })
      const body = { destination: `${destination.owner}/${destination.name}`, input: {} }
      return (actor) => lib.createTraining(actor, { owner: model.owner, name: model.name, id }, body, { origin: "" })
    },
  },
  {
    name: "cancelTraining",
    scope: "organization",
    byToken: true,
    begin: async ({ lib, owner, organization }) => {
      const { id } = await lib.aRun(owner, { owner_id: organization.id, operation: "train" })
      return (actor) => lib.cancelTraining(actor, id)
    },
  },
]

/** Starts an upload in parts as the racer, with the bytes in `arrived` received. */
async function anUpload({ lib, racer }: Place, arrived: string): Promise<string> {
  const actor = lib.actorFor(racer, "web")
  // The number per account is limited.
  lib.databaseHandle().sqlite!.exec(`
    delete from file_upload_parts where upload in (select id from file_uploads where owner_id = ${racer.id});
    delete from file_uploads where owner_id = ${racer.id};
  `)
  const id = await lib.resumable.startUpload(actor, { filename: "a", type: "text/plain", size: 5 })
  if (arrived) await lib.resumable.appendPart(actor, id, 0, Readable.from([Buffer.from(arrived)]))
  return id
}

const uploadVerbs: Verb[] = [
  {
    name: "upload in parts: startUpload",
    scope: "account",
    byToken: true,
    begin: async (place) => {
      await anUpload(place, "")
      return (actor) => place.lib.resumable.startUpload(actor, { filename: "b", type: "text/plain", size: 5 })
    },
  },
  {
    name: "upload in parts: appendPart",
    scope: "account",
    byToken: true,
    begin: async (place) => {
      const id = await anUpload(place, "")
      return (actor) => place.lib.resumable.appendPart(actor, id, 0, Readable.from([Buffer.from("abcde")]))
    },
  },
  {
    name: "upload in parts: finishUpload",
    scope: "account",
    byToken: true,
    begin: async (place) => {
      const id = await anUpload(place, "abcde")
      return (actor) => place.lib.resumable.finishUpload(actor, id)
    },
  },
  {
    name: "upload in parts: cancelUpload",
    scope: "account",
    byToken: true,
    begin: async (place) => {
      const id = await anUpload(place, "ab")
      return (actor) => place.lib.resumable.cancelUpload(actor, id)
    },
  },
]

const line = { days: [1], from: "09:00", to: "17:00", time_zone: "UTC", min_instances: 1 }

const deploymentVerbs = (
  ["rollBack", "disableDeployment", "enableDeployment", "warmUp", "addToSchedule", "removeFromSchedule"] as const
).map((name): Verb => ({
  name,
  scope: "organization",
  byToken: true,
  begin: async (place) => {
    const { lib, owner, organization } = place
    const made = await lib.createDeployment(owner, await deployable(place), organization)
    if (name === "rollBack") await lib.updateDeployment(owner, made.owner, made.name, { max_instances: 2 })
    if (name === "enableDeployment") await lib.disableDeployment(owner, made.owner, made.name)
    if (name === "removeFromSchedule") await lib.addToSchedule(owner, made.owner, made.name, line)
    return (actor) =>
      name === "rollBack"
        ? lib.rollBack(actor, made.owner, made.name, { release: 1 })
        : name === "warmUp"
          ? lib.warmUp(actor, made.owner, made.name, { instances: 1, minutes: 5 })
          : name === "addToSchedule" || name === "removeFromSchedule"
            ? lib[name](actor, made.owner, made.name, line)
            : lib[name](actor, made.owner, made.name)
  },
}))

const deploymentRun: Verb = {
  name: "runDeployment",
  scope: "organization",
  byToken: true,
  begin: async (place) => {
    const { lib, owner, organization } = place
    const made = await lib.createDeployment(owner, await deployable(place), organization)
    return (actor) => lib.runDeployment(actor, made.owner, made.name, { input: {} }, { origin: "" })
  },
}

const bundleVerb: Verb = {
  name: "recordAddition",
  scope: "installation",
  begin: ({ lib }) => {
    const bundle = { model: lib.findBundledModel("upscale")!, id: digits() }
    return (actor) => lib.recordAddition(bundle, actor)
  },
}

const webhookVerbs: Verb[] = [
  {
    name: "openSink",
    scope: "account",
    byToken: true,
    begin:
      ({ lib }) =>
      (actor) =>
        lib.openSink(actor),
  },
  {
    name: "sendTest",
    scope: "organization",
    byToken: true,
    begin:
      ({ lib, organization }) =>
      (actor) =>
        lib.sendTest(actor, organization, { url: "https://receiver.example/" }, ""),
  },
  {
    name: "sendAgain",
    scope: "organization",
    byToken: true,
    begin: async ({ lib, owner, organization }) => {
      const id = await lib.sendTest(owner, organization, { url: "https://receiver.example/" }, "")
      lib
        .databaseHandle()
        .sqlite!.prepare("update deliveries set next_attempt_at = null, status = 500, delivered_at = null where id = ?")
        .run(id)
      return (actor) => lib.sendAgain(actor, organization, id)
    },
  },
]

/** Authenticator apps by account. Setting one up takes a while, so each round restores the stored row. */
const apps = new Map<number, { secret: string; row: Record<string, unknown> }>()

/** Turns on two-step sign-in for the racer, with no code used yet. */
async function withFactor({ lib, racer, secret: session }: Place): Promise<{ password: string; code: string }> {
  const { second_factors } = lib.schema
  if (!apps.has(racer.id)) {
    await lib.write((tx) => lib.forgetFactor(tx, racer.id))
    const actor = lib.actorFor(racer, "web")
    const { setupToken, secret } = await lib.beginTwoFactorSetup(actor, "", "torture")
    const code = codeOf(secret)
    await lib.enableTwoFactor(actor, { setupToken, code }, session)
    apps.set(racer.id, { secret, row: (await lib.factorOf(racer.id))! })
  }
  const { secret, row } = apps.get(racer.id)!
  await lib.write(async (tx) => {
    await lib.forgetFactor(tx, racer.id)
    await tx.insert(second_factors).values({ ...(row as typeof second_factors.$inferInsert), last_step: 0 })
  })
  return { password: "", code: codeOf(secret) }
}

const codeOf = (secret: string) => new TOTP({ secret: Secret.fromBase32(secret) }).generate()

const accountVerbs: Verb[] = [
  ...(["renewRecoveryCodes", "disableTwoFactor"] as const).map((name): Verb => ({
    name,
    scope: "account",
    begin: async (place) => {
      const proof = await withFactor(place)
      return (actor) => place.lib[name](actor, proof)
    },
  })),
  {
    name: "resetTwoFactorOf",
    scope: "installation",
    begin: async ({ lib }) => {
      const { owner } = await lib.anAccount()
      const row = { owner_id: owner.id, secret: randomBytes(8).toString("hex"), last_step: 0, created_at: lib.now() }
      await lib.write((tx) => tx.insert(lib.schema.second_factors).values(row))
      return (actor) => lib.resetTwoFactorOf(actor, owner.username)
    },
  },
  {
    name: "deleteFile",
    scope: "account",
    byToken: true,
    begin: async ({ lib, racer }) => {
      const content = Readable.from([Buffer.from(digits())])
      const described = async () => ({ filename: "a", type: "text/plain", metadata: {} })
      const { id } = await lib.uploadFile(lib.actorFor(racer, "web"), content, described)
      return (actor) => lib.deleteFile(actor, id)
    },
  },
  {
    name: "deleteAccount of oneself",
    scope: "account",
    once: true,
    begin:
      ({ lib, racer }) =>
      (actor) =>
        lib.deleteAccount(actor, racer, { confirmation: racer.username, password: "" }),
  },
]

export const remainingVerbs: Verb[] = [
  ...exampleVerbs,
  ...runVerbs,
  ...batchVerbs,
  ...trainingVerbs,
  ...deploymentVerbs,
  deploymentRun,
  bundleVerb,
  ...uploadVerbs,
  ...webhookVerbs,
  ...accountVerbs,
]
