import { beforeAll, expect, test } from "vitest"

import { and, eq, isNotNull } from "drizzle-orm"

import { databaseHandle, read } from "@/db"
import { batchRuns } from "@/db/schema"
import { env } from "@/env"
import type { Actor } from "@/lib/auth/actor"
import { disableAccount } from "@/lib/accounts/administration"
import { deleteModel, type Model } from "@/lib/models/model"
import { createPrediction } from "@/lib/predictions/create"
import { endPrediction } from "@/lib/predictions/end"
import { addExample } from "@/lib/predictions/example"
import { getPrediction, listPredictions } from "@/lib/predictions/prediction"
import { aModel, anAccount, anAdministrator, aVersion } from "@/lib/test/factories"
import { deleteVersion, type Version } from "@/lib/versions/version"
import { cancelBatch, exportBatch, findBatchOfPrediction, getBatch, listBatches, listBatchRuns } from "./batch"
import { checkBatch, createBatch, maxOpen, tryVersion } from "./create"
import { advanceBatches } from "./job"

const openapi_schema = {
  openapi: "3.0.2",
  components: {
    schemas: {
      Input: {
        type: "object",
        required: ["text"],
        properties: {
          text: { type: "string" },
          key: { type: "string", format: "password", "x-cog-secret": true },
        },
      },
      Output: { type: "string" },
    },
  },
}

let alice: Actor
let bob: Actor
let model: Model
let version: Version
beforeAll(async () => {
  alice = (await anAccount()).actor
  bob = (await anAccount()).actor
  model = await aModel(alice)
  version = await aVersion(alice, model, { openapi_schema })
})

const inputs = (many: number) => Array.from({ length: many }, (_, n) => ({ text: `text ${n + 1}` }))
const create = (many: number, usd_limit: number | null = null, by = alice) =>
  createBatch(by, { version: version.id, inputs: inputs(many), usd_limit }, "http://here")
const began = async (id: string, by = alice) =>
  (await listBatchRuns(by, id)).flatMap((run) => (run.id === null ? [] : [run.id]))
async function finish(id: string, by = alice) {
  for (const run of await began(id, by))
    await endPrediction(await getPrediction(by, run), { status: "succeeded", output: "done", metrics: { cost_usd: 1 } })
}

test("a batch runs its inputs in order, a few at a time, until all have run", async () => {
  const { id } = await create(10)
  await advanceBatches()
  expect(await began(id)).toHaveLength(8)
  await advanceBatches()
  expect(await began(id)).toHaveLength(8)
  await finish(id)
  await advanceBatches()
  expect(await getBatch(alice, id)).toMatchObject({ stopped_at: null, statuses: { succeeded: 8, starting: 2 } })
  await finish(id)
  await advanceBatches()
  expect(await getBatch(alice, id)).toMatchObject({ stop_reason: "done", statuses: { succeeded: 10 } })
  const lines: string[] = []
  for await (const line of await exportBatch(alice, id, "http://here")) lines.push(line)
  expect(lines.map((line) => JSON.parse(line)).map(({ place, prediction }) => [place, prediction.input.text])).toEqual(
    inputs(10).map(({ text }, n) => [n + 1, text]),
  )
})

test("a prediction leads to its batch, for those who can see that", async () => {
  const { id } = await create(2)
  await advanceBatches()
  const run = await getPrediction(alice, (await began(id))[1]!)
  expect(await findBatchOfPrediction(alice, run)).toEqual({ id, kind: "inputs", total: 2, place: 1 })
  expect(await findBatchOfPrediction(bob, run)).toBeNull()
  const alone = await createPrediction(
    alice,
    { version: "named" },
    { version: version.id, input: { text: "a" } },
    { origin: "" },
  )
  expect(await findBatchOfPrediction(alice, alone)).toBeNull()
})

test("nothing begins that would exceed the spending limit at the average cost so far", async () => {
  const { id } = await create(20, 10.5)
  // The cost of a run is not known yet.
  await advanceBatches()
  expect(await began(id)).toHaveLength(1)
  await finish(id)
  await advanceBatches()
  expect(await began(id)).toHaveLength(9)
  await finish(id)
  // Nine have cost a dollar each: one more fits into the limit, two do not.
  await advanceBatches()
  expect(await began(id)).toHaveLength(10)
  await finish(id)
  await advanceBatches()
  expect(await getBatch(alice, id)).toMatchObject({ stop_reason: "limit", spent: 10 })
})

test("the first run of unknown cost begins whatever the spending limit, and no other after it", async () => {
  const { id } = await create(3, 0.5)
  await advanceBatches()
  await finish(id)
  await advanceBatches()
  expect(await began(id)).toHaveLength(1)
  expect(await getBatch(alice, id)).toMatchObject({ stop_reason: "limit", spent: 1 })
})

test("everything that is wrong is said before anything runs, and secrets are not kept", async () => {
  const wrong = { version: version.id, inputs: [{ text: "fine" }, {}, { text: "x", key: "hunter2" }], usd_limit: null }
  await expect(checkBatch(alice, wrong)).rejects.toMatchObject({
    kind: "invalid",
    fields: { inputs: expect.stringMatching(/^Input 2: .*text.*\nInput 3: key is a secret/) },
  })
  await expect(createBatch(alice, wrong, "")).rejects.toMatchObject({
    kind: "invalid",
  })
  for (const input of [
    { inputs: [], usd_limit: null },
    { inputs: inputs(1001), usd_limit: null },
    { inputs: inputs(1), usd_limit: 0 },
  ])
    await expect(checkBatch(alice, { version: version.id, ...input })).rejects.toThrow()
  expect(await checkBatch(alice, { version: version.id, inputs: inputs(3) })).toEqual({
    inputs: 3,
    usd: null,
    seconds: null,
  })
})

test("a batch that is cancelled begins nothing more, and what is not over ends", async () => {
  const { id } = await create(10)
  await advanceBatches()
  await cancelBatch(alice, id)
  await advanceBatches()
  expect(await getBatch(alice, id)).toMatchObject({ stop_reason: "canceled", statuses: { canceled: 8 } })
})

test("what will not be run any more is not kept", async () => {
  const { id, number } = await create(10)
  await advanceBatches()
  const kept = () =>
    read()
      .select()
      .from(batchRuns)
      .where(and(eq(batchRuns.batch, number), isNotNull(batchRuns.input)))
  expect(await kept()).toHaveLength(2)
  await cancelBatch(alice, id)
  expect(await kept()).toEqual([])
})

test("an account has so many unfinished batches, and those that cannot go on do not hold up others", async () => {
  const { actor } = await anAccount()
  for (let n = 0; n < maxOpen; n++) await create(1, null, actor)
  await expect(create(1, null, actor)).rejects.toMatchObject({ kind: "forbidden" })
  const others = await Promise.all(
    Array.from({ length: 6 }, async () => {
      const { actor: other } = await anAccount()
      return Promise.all(
        Array.from({ length: maxOpen }, async () => [other, (await create(1, null, other)).id] as const),
      )
    }),
  )
  for (let looks = 0; looks < 4; looks++) await advanceBatches()
  for (const [other, id] of others.flat()) expect(await began(id, other)).toHaveLength(1)
  for (const [other, id] of others.flat()) await cancelBatch(other, id)
  for (const { id } of (await listBatches(actor)).rows) await cancelBatch(actor, id)
  await advanceBatches()
})

test("a batch waits where an account has too many runs, and goes on later", async () => {
  const before = env.PREDICTIONS_PER_ACCOUNT
  const { actor } = await anAccount()
  try {
    env.PREDICTIONS_PER_ACCOUNT = 2
    const { id } = await create(3, null, actor)
    await advanceBatches()
    expect(await began(id, actor)).toHaveLength(2)
    await finish(id, actor)
    await advanceBatches()
    expect(await began(id, actor)).toHaveLength(3)
  } finally {
    env.PREDICTIONS_PER_ACCOUNT = before
  }
})

async function whileNoRunCanBeNoted(work: () => Promise<void>) {
  const { sqlite, pg } = databaseHandle()
  const when = "create trigger no_notes before update of prediction on batch_runs"
  if (pg) {
    await pg.unsafe("create function refuse() returns trigger language plpgsql as $$ begin raise 'refused'; end $$")
    await pg.unsafe(`${when} for each row execute function refuse()`)
  } else sqlite!.exec(`${when} begin select raise(abort, 'refused'); end`)
  await work()
  if (pg) await pg.unsafe("drop function refuse cascade")
  else sqlite!.exec("drop trigger no_notes")
}

test("a run that could not be noted is cancelled, and its input runs once", async () => {
  const { actor } = await anAccount()
  const { id } = await create(1, null, actor)
  await whileNoRunCanBeNoted(advanceBatches)
  await advanceBatches()
  const { rows } = await listPredictions(actor, {})
  expect(rows.map(({ status }) => status)).toEqual(["starting", "canceled"])
  expect(await began(id, actor)).toEqual([rows[0]!.id])
  await cancelBatch(actor, id)
})

test("a batch ends with its account, and with its model", async () => {
  const { owner, actor } = await anAccount()
  const { id } = await create(3, null, actor)
  await disableAccount(await anAdministrator(), owner.username)
  await advanceBatches()
  expect(await getBatch(actor, id)).toMatchObject({ stop_reason: "refused", statuses: {} })

  const gone = await aModel(alice, { visibility: "private" })
  const of = await aVersion(alice, gone, { openapi_schema })
  const batch = await createBatch(alice, { version: of.id, inputs: inputs(2) }, "")
  await deleteVersion(alice, gone.owner, gone.name, of.id)
  await deleteModel(alice, gone.owner, gone.name)
  await advanceBatches()
  expect(await getBatch(alice, batch.id)).toMatchObject({ stop_reason: "refused", statuses: {} })
})

test("batches of others are not there", async () => {
  const { id } = await create(1)
  await expect(getBatch(bob, id)).rejects.toMatchObject({ kind: "missing" })
  await expect(cancelBatch(bob, id)).rejects.toMatchObject({ kind: "missing" })
  expect((await listBatches(bob)).rows).toEqual([])
  expect((await listBatches(alice)).rows.map((batch) => batch.id)).toContain(id)
})

test("a new version is tried on the examples, or on one's own runs, of other versions", async () => {
  const of = await aModel(alice)
  const old = await aVersion(alice, of, { openapi_schema })
  const made = async (text: string) => {
    const body = { version: old.id, input: { text } }
    const run = await createPrediction(alice, { version: "named" }, body, { origin: "" })
    return (await endPrediction(run, { status: "succeeded", output: text }))!.id
  }
  const example = await made("shown")
  await made("not shown")
  await addExample(alice, of.owner, of.name, example)
  const next = await aVersion(alice, of, { openapi_schema })
  const tried = async (by: "examples" | "runs") => {
    const { id } = await tryVersion(alice, of.owner, of.name, next.id, { of: by }, "http://here")
    await advanceBatches()
    return listBatchRuns(alice, id)
  }
  const [run] = await tried("examples")
  expect(run).toMatchObject({ base: example, status: "starting" })
  expect(await getPrediction(alice, run!.id!)).toMatchObject({ version: next.id, input: { text: "shown" } })
  expect(await tried("runs")).toHaveLength(2)
  await expect(tryVersion(bob, of.owner, of.name, next.id, { of: "runs" }, "")).rejects.toMatchObject({
    kind: "invalid",
  })
  await expect(tryVersion(alice, of.owner, of.name, old.id, { of: "examples" }, "")).rejects.toMatchObject({
    kind: "invalid",
  })
})

test("a trial loads as many inputs as 4 MB are, whatever came of them", async () => {
  const of = await aModel(alice)
  const old = await aVersion(alice, of, { openapi_schema })
  for (let n = 0; n < 6; n++) {
    const body = { version: old.id, input: { text: "x".repeat(1_000_000) } }
    const run = await createPrediction(alice, { version: "named" }, body, { origin: "" })
    await endPrediction(run, { status: "succeeded", output: "y".repeat(1_000_000) })
  }
  const next = await aVersion(alice, of, { openapi_schema })
  expect(await tryVersion(alice, of.owner, of.name, next.id, { of: "runs" }, "")).toMatchObject({ total: 4 })
})

test("inputs that take long to check share one budget, however many there are", async () => {
  const slow = {
    openapi: "3.0.2",
    components: {
      schemas: {
        Input: { type: "object", properties: { text: { type: "string", pattern: "^(a+)+$" } } },
        Output: { type: "string" },
      },
    },
  }
  const { id } = await aVersion(alice, await aModel(alice), { openapi_schema: slow })
  // Each input takes the maximum time for one input.
  const text = `${"a".repeat(40)}!`
  const many = Array.from({ length: 1000 }, () => ({ text }))
  expect(await checkBatch(alice, { version: id, inputs: many })).toMatchObject({ inputs: 1000 })
})
