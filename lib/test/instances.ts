import { write } from "@/db"
import { instances, runners, usage } from "@/db/schema"
import { fromNow, now } from "@/lib/clock"
import { newId } from "@/lib/id"

let ordinal = 0

/** Inserts an instance of a pool, on a separate runner that is not considered lost for an hour. */
export async function anInstance(
  pool: string,
  fields: Partial<typeof instances.$inferInsert> = {},
): Promise<typeof instances.$inferSelect> {
  const runner = newId()
  const rows = await write(async (tx) => {
    const common = { id: runner, name: "test", token_hash: null, capacity: [], architecture: null, engines: [] }
    await tx.insert(runners).values({ ...common, created_at: now(), seen_at: fromNow(3600), revoked_at: null })
    return tx
      .insert(instances)
      .values({
        id: newId(),
        pool,
        ordinal: 1000 + ++ordinal,
        runner,
        engine: "process",
        hardware: "cpu-small",
        state: "idle",
        slots: 1,
        setup_log: "",
        metered_until: now(),
        usd_per_second: "0",
        created_at: now(),
        ...fields,
      })
      .returning()
  })
  return rows[0]!
}

/** Inserts a row of an instance into the ledger. */
export async function aUse(
  { id, pool, hardware }: typeof instances.$inferSelect,
  fields: Pick<typeof usage.$inferInsert, "owner_id" | "model_id"> & {
    at: string
    seconds: number
    usd?: string
    usd_per_second?: string
    phase?: "setup" | "active" | "idle"
  },
): Promise<void> {
  const { at, seconds, usd = "0", usd_per_second = "0", phase = "active", ...rest } = fields
  await write(async (tx) => {
    await tx.insert(usage).values({
      ...rest,
      token_id: null,
      instance_id: id,
      pool,
      prediction: null,
      hardware,
      phase,
      started_at: at,
      ended_at: at,
      microseconds: seconds * 1e6,
      usd_per_second,
      usd,
    })
  })
}
