import { sql } from "drizzle-orm"
import { beforeAll, expect, test } from "vitest"

import { read, write } from "@/db"
import { instances, runners, usage } from "@/db/schema"
import { now } from "@/lib/clock"
import { newId } from "@/lib/id"
import type { Model } from "@/lib/models/model"
import type { Account } from "@/lib/owners/owner"
import { ensurePool } from "@/lib/pools/pool"
import { aModel, anAccount } from "@/lib/test/factories"
import { insertUsage } from "./store"
import { totalsSince } from "./totals"

let owner: Account
let model: Model
const runner = newId()
const instance = newId()
beforeAll(async () => {
  const { actor, owner: account } = await anAccount()
  owner = account
  model = await aModel(actor)
  await write(async (tx) => {
    const common = { id: runner, name: "test", token_hash: null, capacity: [], architecture: null, engines: [] }
    await tx.insert(runners).values({ ...common, created_at: now(), seen_at: now(), revoked_at: null })
    await ensurePool({ key: "version:totals", model_id: model.id, version: "0".repeat(64), hardware: "cpu" })(tx)
    await tx.insert(instances).values({
      id: instance,
      pool: "version:totals",
      ordinal: 1,
      runner,
      engine: "process",
      hardware: "cpu",
      state: "idle",
      slots: 1,
      setup_log: "",
      metered_until: now(),
      usd_per_second: "0.0001",
      created_at: now(),
    })
  })
})

const spend = (started_at: string, usd: string, pool = "version:totals", times = 1) =>
  write((tx) =>
    insertUsage(
      tx,
      Array.from({ length: times }, () => ({
        owner_id: owner.id,
        token_id: null,
        instance_id: instance,
        pool,
        model_id: model.id,
        prediction: null,
        hardware: "cpu",
        phase: "active" as const,
        started_at,
        ended_at: started_at,
        microseconds: 10,
        usd_per_second: "0.0001",
        usd,
      })),
    ),
  )
const paid = async (since: string, pools?: string) =>
  Object.fromEntries(
    (await totalsSince({ owner_id: owner.id, pools }, since)).map(({ day, usd }) => [day, usd.toNumber()]),
  )

test("totals grow with the ledger, also by rows of days that had been added up before", async () => {
  await spend("2026-04-02T10:00:00.000000Z", "1")
  expect(await paid("2026-04-01")).toEqual({ "2026-04-02": 1 })
  expect(await paid("2026-04-01")).toEqual({ "2026-04-02": 1 })
  await spend("2026-04-01T23:59:59.000000Z", "0.25")
  await spend("2026-04-02T11:00:00.000000Z", "0.5")
  await spend("2026-03-31T11:00:00.000000Z", "8")
  expect(await paid("2026-04-01")).toEqual({ "2026-04-01": 0.25, "2026-04-02": 1.5 })
  // A correction.
  await spend("2026-04-02T12:00:00.000000Z", "-0.5")
  expect(await paid("2026-04-01")).toEqual({ "2026-04-01": 0.25, "2026-04-02": 1 })
  expect(await paid("2026-04-02")).toEqual({ "2026-04-02": 1 })
  expect(await paid("2026-03-01")).toEqual({ "2026-03-31": 8, "2026-04-01": 0.25, "2026-04-02": 1 })
})

test("pools are told apart by the beginning of their keys", async () => {
  await spend("2026-05-01T10:00:00.000000Z", "1", "deployment:1:1")
  await spend("2026-05-01T10:00:00.000000Z", "2", "deployment:1:2")
  await spend("2026-05-01T10:00:00.000000Z", "4", "deployment:11:1")
  expect(await paid("2026-05-01", "deployment:1:")).toEqual({ "2026-05-01": 3 })
  await spend("2026-05-02T10:00:00.000000Z", "8", "deployment:1:2")
  expect(await paid("2026-05-01", "deployment:1:")).toEqual({ "2026-05-01": 3, "2026-05-02": 8 })
  expect(await paid("2026-05-01", "deployment:11:")).toEqual({ "2026-05-01": 4 })
})

test("many rows are added up in parts, and others get their turn in between", async () => {
  await spend("2026-06-01T10:00:00.000000Z", "0.5", "version:totals", 12_000)
  await spend("2026-06-02T10:00:00.000000Z", "0.5", "version:totals", 5_000)
  let turns = 0
  const counting = setInterval(() => turns++, 0)
  const all = await paid("2026-06-01")
  clearInterval(counting)
  expect(all).toEqual({ "2026-06-01": 6000, "2026-06-02": 2500 })
  expect(turns).toBeGreaterThan(0)
  const [row] = await read()
    .select({ rows: sql<number>`count(*)` })
    .from(usage)
  expect(Number(row!.rows)).toBeGreaterThan(17_000)
})
