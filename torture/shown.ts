import * as fc from "fast-check"

import { largeValues } from "@/lib/test/grammars"

export const shownName = "shown"

/** As many of them fit on a page of a list. */
const runs = 40

/** Creates a public model whose examples and runs have the maximum size. No server may use the folder meanwhile. */
export async function addShown(folder: string, username: string, seed: number): Promise<void> {
  const { env } = await import("@/env")
  const { closeDatabase } = await import("@/db")
  const { migrateDatabase } = await import("@/db/migrate")
  const { actorFor, findAccount } = await import("@/lib/owners/owner")
  const { aModel, aVersion } = await import("@/lib/test/factories")
  const { aRun } = await import("@/lib/test/runs")
  const { addExample } = await import("@/lib/predictions/example")
  const { now } = await import("@/lib/clock")
  env.DATA_DIR = folder
  await migrateDatabase()
  const actor = actorFor((await findAccount(username))!, "cli")
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
  await closeDatabase()
}
