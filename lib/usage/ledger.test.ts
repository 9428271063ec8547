import Big from "big.js"
import * as fc from "fast-check"
import { expect, test } from "vitest"

import { isoFromMicros } from "@/lib/clock"
import { ledgerRows, priceOf, refundOf, type MeteredInterval } from "./ledger"

const start = Date.parse("2026-11-28T12:00:00Z") * 1000
const at = (micros: number) => isoFromMicros(start + micros)

const stretch = (
  fields: Partial<MeteredInterval["instance"]> = {},
  running: { from: number; owner_id?: number; failed?: boolean }[] = [],
  visibility: "public" | "private" = "public",
): MeteredInterval => ({
  instance: {
    id: "i",
    pool: "version:1",
    hardware: "cpu",
    metered_until: at(0),
    usd_per_second: "0.0001",
    ready_at: at(0),
    ...fields,
  },
  model: { id: 1, owner_id: 10, visibility },
  payer: null,
  running: running.map(({ from, owner_id = 20, failed }, n) => ({
    number: n,
    owner_id,
    token_id: 5,
    claimed_at: at(from),
    failed,
  })),
})
const told = (rows: ReturnType<typeof ledgerRows>) =>
  rows.map(({ phase, owner_id, microseconds, usd }) => [phase, owner_id, microseconds, usd])

test("all of what a deployment runs on is paid for by its account", () => {
  const deployed = { ...stretch({}, [{ from: 3_000_000, failed: true }]), payer: 30 }
  expect(told(ledgerRows(deployed, at(5_000_000)))).toEqual([
    ["idle", 30, 3_000_000, "0.0003"],
    ["active", 30, 2_000_000, "0.0002"],
  ])
  const booting = { ...stretch({ ready_at: null }), payer: 30 }
  expect(told(ledgerRows(booting, at(1_000_000)))).toEqual([["setup", 30, 1_000_000, "0.0001"]])
})

test("of a public model only what runs for somebody is paid for, by them", () => {
  expect(told(ledgerRows(stretch({ ready_at: null }), at(5_000_000)))).toEqual([["setup", null, 5_000_000, "0"]])
  expect(told(ledgerRows(stretch({}, [{ from: 3_000_000 }]), at(5_000_000)))).toEqual([
    ["idle", null, 3_000_000, "0"],
    ["active", 20, 2_000_000, "0.0002"],
  ])
})

test("of a private model every second is its owner's", () => {
  expect(told(ledgerRows(stretch({ ready_at: null }, [], "private"), at(10)))).toEqual([
    ["setup", 10, 10, "0.000000001"],
  ])
  expect(told(ledgerRows(stretch({}, [{ from: 4, failed: true }], "private"), at(10)))).toEqual([
    ["idle", 10, 4, "0.0000000004"],
    ["active", 10, 6, "0.0000000006"],
  ])
})

test("a run that fails is free on a public model, and what was charged before is given back", () => {
  const [row] = ledgerRows(stretch({}, [{ from: 0, failed: true }]), at(10))
  expect(told([row!])).toEqual([["active", null, 10, "0"]])
  const charged = ledgerRows(stretch({}, [{ from: 0 }]), at(30))
  expect(told(refundOf([...charged, row!], at(30)))).toEqual([["active", 20, 0, "-0.000000003"]])
  expect(refundOf([row!], at(30))).toEqual([])
})

test("what several ran in at once is divided among them, to the microsecond", () => {
  const rows = ledgerRows(
    stretch({}, [
      { from: 0, owner_id: 1 },
      { from: 5, owner_id: 2 },
      { from: 5, owner_id: 3 },
    ]),
    at(15),
  )
  expect(told(rows)).toEqual([
    ["active", 1, 5, "0.0000000005"],
    ["active", 1, 4, "0.0000000004"],
    ["active", 2, 3, "0.0000000003"],
    ["active", 3, 3, "0.0000000003"],
  ])
})

test("rows end at every five minutes of the clock", () => {
  const start = { metered_until: "2026-11-30T23:53:20.000000Z", ready_at: at(0) }
  const ends = (until: string, ...running: Parameters<typeof stretch>[1][]) =>
    ledgerRows(stretch(start, ...running), until).map(({ started_at, ended_at }) =>
      [started_at, ended_at].map((one) => one.slice(8, 19)),
    )
  expect(ends("2026-12-01T00:01:00.000000Z")).toEqual([
    ["30T23:53:20", "30T23:55:00"],
    ["30T23:55:00", "01T00:00:00"],
    ["01T00:00:00", "01T00:01:00"],
  ])
  expect(ends("2026-11-30T23:55:00.000000Z")).toEqual([["30T23:53:20", "30T23:55:00"]])
  const [from, to] = [Date.parse("2026-11-30T23:54:00Z"), Date.parse("2026-11-28T12:00:00Z")]
  expect(ends("2026-11-30T23:56:00.000000Z", [{ from: (from - to) * 1000 }])).toEqual([
    ["30T23:53:20", "30T23:54:00"],
    ["30T23:54:00", "30T23:55:00"],
    ["30T23:55:00", "30T23:56:00"],
  ])
})

test("after a long time, or if the clock was wrong, rows are as long as days", () => {
  const rows = ledgerRows(stretch({ metered_until: "1970-01-01T00:00:10.000000Z" }), "2026-11-30T12:00:00.000000Z")
  expect(rows).toHaveLength(20_788)
  expect(rows.at(-1)).toMatchObject({ started_at: "2026-11-30T00:00:00.000000Z", microseconds: 12 * 3600 * 1e6 })
  expect(rows[0]).toMatchObject({ ended_at: "1970-01-02T00:00:00.000000Z" })
})

test("whatever runs when, the rows have no gap and add up to the time that passed, and to its price", () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: -50, max: 150 }), { maxLength: 6 }),
      fc.oneof(fc.integer({ min: 1, max: 100 }), fc.integer({ min: 1, max: 3_600_000_000 })),
      fc.boolean(),
      (claims, length, isReady) => {
        const rows = ledgerRows(
          stretch(
            { ready_at: isReady ? at(0) : null },
            claims.map((from) => ({ from })),
            "private",
          ),
          at(length),
        )
        expect(rows.reduce((sum, { microseconds }) => sum + microseconds, 0)).toBe(length)
        expect(rows.reduce((sum, { usd }) => sum.plus(usd), Big(0)).toFixed()).toBe(priceOf(length, "0.0001"))
        expect([rows[0]!.started_at, rows.at(-1)!.ended_at]).toEqual([at(0), at(length)])
      },
    ),
  )
})
