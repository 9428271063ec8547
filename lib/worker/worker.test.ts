import { expect, test } from "vitest"

import { defineTask, OverBudget, runInWorker } from "./worker"

const task = <I, O>(name: string) => defineTask<I, O>("lib/test/tasks.ts", name)
const add = task<{ a: number; b: number }, number>("add")
const budget = { deadlineMs: 5000 }

test("a function of a TypeScript module runs in a thread", async () => {
  expect(await runInWorker(add, { a: 1, b: 2 }, budget)).toBe(3)
})

test("a task that does not end is ended, and the loop turns meanwhile", async () => {
  let turns = 0
  const turning = setInterval(() => turns++, 5)
  const stuck = runInWorker(task<null, never>("spin"), null, { deadlineMs: 300 })
  await expect(stuck).rejects.toMatchObject({ name: "OverBudget", of: "time" })
  clearInterval(turning)
  expect(turns).toBeGreaterThan(10)
})

test("a task that fills its memory is ended", async () => {
  const greedy = runInWorker(task<null, never>("fill"), null, { deadlineMs: 30_000, memoryMb: 24 })
  await expect(greedy).rejects.toMatchObject({ name: "OverBudget", of: "memory" })
})

test("what a task throws is thrown, and the next one runs", async () => {
  await expect(runInWorker(task<null, never>("fail"), null, budget)).rejects.toThrow("on purpose")
  expect(await runInWorker(add, { a: 2, b: 2 }, budget)).toBe(4)
})

test("a thread knows nothing of the environment", async () => {
  expect(await runInWorker(task<null, string[]>("environment"), null, budget)).toEqual([])
})

test("others run while one is stuck, and whoever waits too far back is told so", async () => {
  const stuck = runInWorker(task<null, never>("spin"), null, { deadlineMs: 1500 })
  stuck.catch(() => {})
  expect(await runInWorker(add, { a: 1, b: 1 }, budget)).toBe(2)
  const many = Array.from({ length: 400 }, (_, a) => runInWorker(add, { a, b: 0 }, budget))
  const outcomes = await Promise.allSettled(many)
  const refused = outcomes.filter((one) => one.status === "rejected")
  expect(refused.length).toBeGreaterThan(0)
  expect(refused.every(({ reason }) => reason instanceof OverBudget && reason.of === "queue")).toBe(true)
  await expect(stuck).rejects.toThrow(OverBudget)
})
