import { setTimeout as sleep } from "node:timers/promises"
import { afterEach, expect, test, vi } from "vitest"

import { fromNow } from "@/lib/clock"
import { aName } from "@/lib/test/factories"
import { retryAfter, startJobs, type Job, type Running } from "./job"
import { claimJob, findJob } from "./store"

const started: Running[] = []
/** A number of servers with the same jobs. */
function servers(count: number, job: Job, lease?: number): Running[] {
  const some = Array.from({ length: count }, () => startJobs([job], lease))
  started.push(...some)
  return some
}
afterEach(async () => {
  await Promise.all(started.splice(0).map((running) => running.stop()))
})

const aJob = (fields: Partial<Job> & Pick<Job, "run">): Job => ({
  name: aName("job"),
  every: 3600,
  by: "installation",
  delay: 0,
  ...fields,
})

const until = (condition: () => unknown) =>
  vi.waitFor(() => expect(condition()).toBeTruthy(), { timeout: 10_000, interval: 5 })

test("a job of the installation is run by one server at a time, again and again", async () => {
  let [now, most, runs] = [0, 0, 0]
  servers(
    3,
    aJob({
      every: 0.02,
      async run() {
        most = Math.max(most, ++now)
        await sleep(10)
        now--
        runs++
      },
    }),
  )
  await until(() => runs >= 5)
  expect(most).toBe(1)
})

test("one without work is not claimed, and runs once there is some", async () => {
  let work = false
  const run = vi.fn(async () => {})
  const job = aJob({ every: 0.02, hasWork: async () => work, run })
  servers(2, job)
  await sleep(200)
  expect(await findJob(job.name)).toBeUndefined()
  work = true
  await until(() => run.mock.calls.length > 0)
})

test("once it was run it is not due for anybody, not even after a restart", async () => {
  const run = vi.fn(async () => {})
  const job = aJob({ run })
  const [first] = servers(2, job)
  await until(() => run.mock.calls.length > 0)
  await first!.stop()
  servers(1, job)
  await sleep(100)
  expect(run).toHaveBeenCalledTimes(1)
})

test("one that is to be run at the start is run then as well", async () => {
  const run = vi.fn(async () => {})
  const job = aJob({ run, atStart: true })
  for (const times of [1, 2]) {
    servers(1, job)
    await until(() => run.mock.calls.length === times)
  }
})

test("a job of the process is run by every one for itself", async () => {
  const run = vi.fn(async () => {})
  const job = aJob({ run, by: "process" })
  servers(3, job)
  await until(() => run.mock.calls.length === 3)
  expect(await findJob(job.name)).toBeUndefined()
})

test.each(["installation", "process"] as const)(
  "whoever cannot wait wakes a job of the %s, a running one once more",
  async (by) => {
    let runs = 0
    const job = aJob({
      by,
      async run() {
        runs++
        await sleep(50)
      },
    })
    const [server] = servers(1, job)
    await until(() => runs === 1)
    server!.wake(job.name)
    server!.wake(job.name)
    await until(() => runs === 2)
    await sleep(100)
    server!.wake(job.name)
    await until(() => runs === 3)
  },
)

test("what is wanted of a server while another one is at it is done after that", async () => {
  const order: string[] = []
  const job = aJob({
    async run() {
      order.push("begin")
      await sleep(50)
      order.push("end")
    },
  })
  const [one, other] = servers(2, job)
  await until(() => order.length === 1)
  one!.wake(job.name)
  other!.wake(job.name)
  await until(() => order.length >= 4)
  expect(order.slice(0, 4)).toEqual(["begin", "end", "begin", "end"])
})

test("one that fails is tried again soon, and counts its failures until it succeeds", async () => {
  const failures: number[] = []
  const job = aJob({
    every: 0.02,
    async run() {
      failures.push((await findJob(job.name))!.failures)
      if (failures.length < 3) throw new Error("Not yet.")
    },
  })
  servers(1, job)
  await until(() => failures.length >= 4)
  expect(failures.slice(0, 4)).toEqual([0, 1, 2, 0])
})

test("a job that keeps failing is tried ever later, up to its usual interval", () => {
  const waits = (every: number) => [1, 2, 3, 4, 30].map((failures) => retryAfter(failures, every))
  expect(waits(86_400)).toEqual([10, 20, 40, 80, 86_400])
  expect(waits(5)).toEqual([5, 10, 20, 40, 60])
})

test("what a server had claimed when it died is taken over when its claim is over", async () => {
  const run = vi.fn(async () => {})
  const job = aJob({ run })
  const lease = 0.3
  const times = {
    now: fromNow(0),
    until: fromNow(lease),
    latestUntil: fromNow(1),
    dueBy: fromNow(0),
    latestDue: fromNow(3600),
  }
  expect(await claimJob(job.name, "the dead one", times)).toBeDefined()
  servers(2, job, lease)
  await sleep(100)
  expect(run).not.toHaveBeenCalled()
  await until(() => run.mock.calls.length === 1)
})

test("a run that takes longer than a claim lasts keeps it", async () => {
  let runs = 0
  const job = aJob({
    async run() {
      runs++
      await sleep(500)
    },
  })
  servers(2, job, 0.2)
  await sleep(600)
  expect(runs).toBe(1)
})

test("a run is told when the process stops; what is left of it is due for the next one", async () => {
  let began = 0
  const job = aJob({
    async run(signal) {
      began++
      await sleep(60_000, undefined, { signal, ref: false })
    },
  })
  const [one] = servers(1, job)
  await until(() => began === 1)
  await one!.stop()
  servers(1, job)
  await until(() => began === 2)
})

test("a clock that was put back keeps nothing waiting", async () => {
  const run = vi.fn(async () => {})
  const job = aJob({ run })
  const ahead = {
    now: fromNow(1e6),
    until: fromNow(1e6),
    latestUntil: fromNow(2e6),
    dueBy: fromNow(1e6),
    latestDue: fromNow(2e6),
  }
  await claimJob(job.name, "one whose clock was ahead", ahead)
  servers(1, job)
  await until(() => run.mock.calls.length === 1)
})
