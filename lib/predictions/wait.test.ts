import { afterEach, expect, onTestFinished, test, vi } from "vitest"

import { anAccount } from "@/lib/test/factories"
import { aRun } from "@/lib/test/runs"
import { forgetLive, publishPrediction } from "./channel"
import type { Prediction } from "./row"
import { endWaits, waitFor, parsePreferWait } from "./wait"

afterEach(() => void vi.useRealTimers())

test.each<[string | undefined, number | null, string?]>([
  [undefined, null],
  ["respond-async", null],
  ["wait", 60, "wait"],
  ["wait=1", 1, "wait=1"],
  ["wait=60", 60, "wait=60"],
  ["Wait = 10", 10, "wait=10"],
  ["respond-async, wait=5", 5, "wait=5"],
  ["wait=300", 300, "wait=300"],
  ["wait=99999", 600, "wait=600"],
  ["wait=0", null],
  ["wait=soon", null],
  ["waiting", null],
])("Prefer: %s", (prefer, seconds, applied) => {
  expect(parsePreferWait(prefer)).toEqual(seconds === null ? null : { seconds, applied })
})

/** A prediction that is processing, in a test whose timers are fake. */
async function underFakeTime(): Promise<Prediction> {
  const { actor } = await anAccount()
  const prediction = { ...(await aRun(actor, { status: "processing" })), model: "a/b" }
  publishPrediction(prediction)
  onTestFinished(() => forgetLive(prediction.id))
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] })
  return prediction
}

test("500 waits at once are all answered when their time is up, and none before", async () => {
  const prediction = await underFakeTime()
  const answers: string[] = []
  for (let n = 0; n < 500; n++) void waitFor(prediction, 5).then(({ status }) => answers.push(status))
  await vi.advanceTimersByTimeAsync(4_990)
  expect(answers).toHaveLength(0)
  await vi.advanceTimersByTimeAsync(10)
  expect(answers).toEqual(Array.from({ length: 500 }, () => "starting"))
  expect(vi.getTimerCount()).toBe(0)
})

test("when the server stops, those who wait are answered after five seconds, and then at once", async () => {
  const prediction = await underFakeTime()
  const answers: string[] = []
  const wait = () => waitFor(prediction, 60).then(({ status }) => answers.push(status))
  const first = wait()
  endWaits()
  await vi.advanceTimersByTimeAsync(4_990)
  expect(answers).toEqual([])
  await vi.advanceTimersByTimeAsync(10)
  await first
  const second = wait()
  await vi.advanceTimersByTimeAsync(0)
  await second
  expect(answers).toEqual(["starting", "starting"])
})

test("who has left before the wait began is not waited for", async () => {
  const prediction = await underFakeTime()
  let answered = false
  void waitFor(prediction, 600, AbortSignal.abort()).then(() => (answered = true))
  await vi.advanceTimersByTimeAsync(1000)
  expect(answered).toBe(true)
  expect(vi.getTimerCount()).toBe(0)
})
