import { and, eq, gt, isNull } from "drizzle-orm"

import { read, write } from "@/db"
import { runners } from "@/db/schema"
import { now } from "@/lib/clock"
import type { RunnerRow } from "./row"

/** The architectures of active runners, as far as they are known. */
export async function listRunnerArchitectures(): Promise<string[]> {
  const rows = await read()
    .selectDistinct({ architecture: runners.architecture })
    .from(runners)
    .where(isNull(runners.revoked_at))
  return rows.flatMap(({ architecture }) => architecture ?? [])
}

/** Saves a runner's description and the time of its report. */
export async function recordRunner(
  fields: Pick<RunnerRow, "id" | "name" | "capacity" | "engines" | "architecture">,
): Promise<void> {
  const seen_at = now()
  const { capacity, engines, architecture } = fields
  await write(async (tx) => {
    await tx
      .insert(runners)
      .values({ ...fields, token_hash: null, created_at: seen_at, seen_at, revoked_at: null })
      .onConflictDoUpdate({ target: runners.id, set: { capacity, engines, architecture, seen_at } })
  })
}

export async function findRunner(id: string): Promise<RunnerRow | undefined> {
  const [runner] = await read().select().from(runners).where(eq(runners.id, id))
  return runner
}

/** The runners that have reported since a time. */
export async function listRunnersSeen(since: string): Promise<RunnerRow[]> {
  return read()
    .select()
    .from(runners)
    .where(and(gt(runners.seen_at, since), isNull(runners.revoked_at)))
}
