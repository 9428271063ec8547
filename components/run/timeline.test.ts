import { expect, test } from "vitest"

import type { PredictionBody } from "@/lib/models/prediction-body"
import { stagesOf } from "./timeline"

const at = (second: number) => new Date(Date.UTC(2026, 0, 1) + second * 1000).toISOString()
const body = (fields: Partial<PredictionBody>) =>
  ({ status: "starting", created_at: at(0), ...fields }) as PredictionBody
const told = (...given: Parameters<typeof stagesOf>) =>
  stagesOf(...given).map(({ name, from, to }) => [
    name,
    Date.parse(from) % 60_000,
    to === null ? null : Date.parse(to) % 60_000,
  ])
const none = { claimed_at: null, booting_since: null, ready_at: null }

test("a cold run is queued, booting, running and uploading, one after the other", () => {
  const times = { claimed_at: at(7), booting_since: at(1), ready_at: at(7) }
  const run = body({ status: "succeeded", started_at: at(7), completed_at: at(12), metrics: { predict_time: 4 } })
  expect(told(run, times)).toEqual([
    ["queued", 0, 1000],
    ["booting", 1000, 7000],
    ["running", 7000, 11000],
    ["uploading", 11000, 12000],
  ])
})

test("an instance that was up before is no part of a run's wait", () => {
  const run = body({ status: "processing", started_at: at(2) })
  expect(told(run, { claimed_at: at(2), booting_since: at(-90), ready_at: at(-60) })).toEqual([
    ["queued", 0, 2000],
    ["running", 2000, null],
  ])
})

test("a run that never began was queued, and whoever knows nothing of instances sees no boot", () => {
  expect(told(body({ status: "canceled", completed_at: at(3) }), none)).toEqual([["queued", 0, 3000]])
  expect(told(body({}), null)).toEqual([["queued", 0, null]])
  expect(told(body({}), { ...none, booting_since: at(1) })).toEqual([
    ["queued", 0, 1000],
    ["booting", 1000, null],
  ])
})
