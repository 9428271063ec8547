import * as fc from "fast-check"
import { encode } from "next-auth/jwt"

import { largeValues } from "@/lib/test/grammars"

export const shownName = "shown"

/** As many of them fit on a page of a list. */
const runs = 40

/** Characters of JSON of the lists of short strings in large runs: just small enough to be shown, and larger. */
const listed = [120_000, 950_000, 4_000_000]

/** What pages of an account show: the cookie of its session, its large runs, a large example, and a batch. */
export type Shown = { cookie: string; large: string[]; example: string; batch: string }

/**
 * Creates a public model whose examples and runs have the maximum size, and runs with many short strings. No server may
 * use the folder meanwhile.
 */
export async function addShown(folder: string, username: string, seed: number): Promise<Shown> {
  const { env } = await import("@/env")
  const { closeDatabase } = await import("@/db")
  const { migrateDatabase } = await import("@/db/migrate")
  const { actorFor, findAccount } = await import("@/lib/owners/owner")
  const { aModel, aVersion } = await import("@/lib/test/factories")
  const { aRun } = await import("@/lib/test/runs")
  const { addExample } = await import("@/lib/predictions/example")
  const { now } = await import("@/lib/clock")
  const { createBatch } = await import("@/lib/batches/create")
  const { cancelBatch } = await import("@/lib/batches/batch")
  const { openSession } = await import("@/lib/sessions/session")
  const { authSecret } = await import("@/lib/auth/secret")
  env.DATA_DIR = folder
  await migrateDatabase()
  const account = (await findAccount(username))!
  const actor = actorFor(account, "cli")
  const model = await aModel(actor, { name: shownName })
  const { id: version } = await aVersion(actor, model)
  const ended = { model_id: model.id, version, status: "succeeded", completed_at: now() } as const
  // Characters of up to three bytes each: an example may have 256 kB.
  for (const [n, output] of fc.sample(largeValues(40_000), { numRuns: runs, seed }).entries()) {
    const input = { value: fc.sample(largeValues(40_000), { numRuns: 1, seed: seed + n })[0] }
    const { id } = await aRun(actor, { ...ended, input, output, logs: "line\n".repeat(200_000) })
    await addExample(actor, model.owner, model.name, id)
  }
  // A single one may exceed a page; together they need many pages.
  for (const output of fc.sample(largeValues(900_000), { numRuns: runs, seed }))
    await aRun(actor, { ...ended, input: {}, output })
  const large = []
  for (const characters of listed) {
    const words = Array.from({ length: characters / 5 }, () => "ab")
    large.push((await aRun(actor, { ...ended, input: { words }, output: words, streams: "text" })).id)
  }
  const { id: example } = await aRun(actor, {
    ...ended,
    input: { words: Array.from({ length: 50_000 }, () => "ab") },
    output: "short",
  })
  await addExample(actor, model.owner, model.name, example)
  const inputs = Array.from({ length: 100 }, () => ({ words: Array.from({ length: 2000 }, () => "ab") }))
  const batch = await createBatch(actor, { version, inputs }, "http://localhost")
  await cancelBatch(actor, batch.id)
  const secret = await openSession(account, { address: null, user_agent: null })
  const cookie = await encode({ token: { secret }, secret: authSecret(), maxAge: 30 * 24 * 3600 })
  await closeDatabase()
  return { cookie: `understudy.session=${cookie}`, large, example, batch: batch.id }
}
