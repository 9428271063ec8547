import Big from "big.js"
import { beforeAll, beforeEach, describe, expect, test } from "vitest"

import type { Actor } from "@/lib/auth/actor"
import { write } from "@/db"
import { fromNow, microsOf } from "@/lib/clock"
import { stopRow } from "@/lib/instances/instance"
import { deleteModel, updateModel } from "@/lib/models/model"
import { subscribePrediction } from "@/lib/predictions/channel"
import { createPrediction } from "@/lib/predictions/create"
import { cancelPrediction, getPrediction } from "@/lib/predictions/prediction"
import { presentPrediction } from "@/lib/predictions/present"
import { retrySetUp } from "@/lib/predictions/set-up"
import { anAccount } from "@/lib/test/factories"
import { FakeRunner } from "@/lib/test/fake-runner"
import { aTestModel, forget } from "@/lib/test/running"
import { allInstances, allUsage, skipWaiting } from "@/lib/test/ledger"
import { acceptTransfer, findTransfer, offerTransfer } from "@/lib/transfers/transfer"
import { deleteVersion } from "@/lib/versions/version"
import { startHub } from "./hub"
import { writeAllNow } from "./progress"
import { hub } from "./state"

let alice: Actor
let bob: Actor
beforeAll(async () => {
  alice = (await anAccount()).actor
  bob = (await anAccount()).actor
})

let runner: FakeRunner
beforeEach(() => {
  forget()
  startHub()
  runner = new FakeRunner()
})

const run = (of: string, input: object = {}, actor = alice) =>
  createPrediction(actor, { version: "named" }, { version: of, input }, { origin: "" })
const now = (id: string, actor = alice) => getPrediction(actor, id)

const settle = () => runner.settle()
async function oneReady(of: string, slots = 1) {
  const first = await run(of)
  await settle()
  await runner.makeReady(slots)
  await settle()
  await runner.finish(first.id)
  await settle()
}

describe("orders", () => {
  test("an instance is ordered until its runner names it, always the same one", async () => {
    const { name } = await aTestModel(alice)
    await run(name)
    const { start } = await runner.report()
    expect(start).toMatchObject([{ engine: "process", image: "test", hardware: "cpu-small", egress: "none", slots: 1 }])
    // As if the response had been lost.
    runner.instances.clear()
    expect((await runner.report()).start).toEqual(start)
    expect((await runner.report()).start).toEqual([])
  })

  test("a prediction is handed out once, to an instance that is ready", async () => {
    const { name } = await aTestModel(alice)
    const { id } = await run(name, { text: "a" })
    await settle()
    expect(runner.running).toEqual([])
    await runner.makeReady()
    await settle()
    expect(runner.handed.map(({ prediction }) => prediction.id)).toEqual([id])
    expect(runner.handed[0]!.prediction).toMatchObject({ input: { text: "a" }, time_limit_ms: 1_800_000 })
    await runner.finish(id)
    expect(await now(id)).toMatchObject({ status: "succeeded", output: "done" })
    await settle()
    expect(runner.handed).toHaveLength(1)
  })

  test("of a run that is cancelled while it runs nothing stays in memory", async () => {
    const { name } = await aTestModel(alice)
    const [cancelled, other] = [await run(name), await run(name)]
    await settle()
    await runner.makeReady(2)
    await settle()
    const written = () => [...Reflect.get(globalThis, Symbol.for("understudy.hub.unwritten")).written.keys()]
    const handed = () => [...hub().runners.values()].flatMap(({ dispatchedTo }) => [...dispatchedTo.keys()])
    await runner.tell(cancelled.id, { status: "processing", output: "x".repeat(1000) })
    await writeAllNow()
    expect(written()).toContain(cancelled.id)
    await settle()
    expect(handed()).toContain(cancelled.id)

    await cancelPrediction(alice, cancelled.id)
    await runner.tell(other.id, { status: "processing" })
    await writeAllNow()
    expect(written()).toEqual([other.id])
    expect(handed()).toEqual([other.id])
    await runner.finish(other.id)
    expect([written(), handed()]).toEqual([[], []])
  })

  test("an instance of which the hub knows nothing is stopped", async () => {
    runner.instances.set("0".repeat(26), {
      report: { id: "0".repeat(26), state: "ready", running: [] },
      runs: new Map(),
    })
    expect((await runner.report()).stop).toEqual([{ id: "0".repeat(26), grace_ms: 0 }])
  })

  test("one that is cancelled is over at once, and the runner is told until it runs no more", async () => {
    const { name } = await aTestModel(alice)
    await oneReady(name)
    const { id } = await run(name)
    await settle()
    await cancelPrediction(alice, id)
    expect(await now(id)).toMatchObject({ status: "canceled" })
    const { instance } = runner.running[0]!
    expect((await runner.report()).cancel).toEqual([{ instance, prediction: id }])
    await runner.tell(id, { status: "succeeded", output: "too late" }, instance)
    expect(await now(id)).toMatchObject({ status: "canceled", output: null })
  })

  test("as many as an instance has places for run on it at once", async () => {
    const { name } = await aTestModel(alice)
    await oneReady(name, 3)
    for (let n = 0; n < 5; n++) await run(name)
    await runner.report()
    expect(new Set(runner.running.map(({ instance }) => instance)).size).toBe(1)
    expect(runner.running).toHaveLength(3)
  })

  test("output that comes with the end is shown before the end is stored", async () => {
    const { name } = await aTestModel(alice)
    await oneReady(name)
    const { id } = await run(name)
    await settle()
    const shown: { status: string; output: unknown; isStored: boolean }[] = []
    await subscribePrediction(id, ({ status, output, completed_at }) => {
      shown.push({ status, output, isStored: completed_at !== null })
    })
    await runner.finish(id)
    expect(shown.slice(-2)).toEqual([
      { status: "processing", output: "done", isStored: false },
      { status: "succeeded", output: "done", isStored: true },
    ])
  })

  test("what waits is claimed while the end of the one before is written", async () => {
    const { name } = await aTestModel(alice)
    await oneReady(name)
    const [first, second, third] = [await run(name), await run(name), await run(name)]
    await runner.report()
    await runner.finish(first.id)
    expect(await now(second.id)).toMatchObject({ instance_id: expect.any(String) })
    expect(await now(third.id)).toMatchObject({ instance_id: null })
    await runner.report()
    expect(runner.running.map(({ id }) => id)).toEqual([second.id])
  })

  test("what is claimed for an instance that is gone by then goes back to its place", async () => {
    const { name } = await aTestModel(alice)
    await oneReady(name)
    const [first, second] = [await run(name), await run(name)]
    await runner.report()
    const finishing = runner.finish(first.id)
    for (const { instances } of hub().runners.values()) instances.clear()
    await finishing
    expect(await now(first.id)).toMatchObject({ status: "succeeded" })
    expect(await now(second.id)).toMatchObject({ status: "starting", instance_id: null, begun: false })
  })

  test("what is idle makes room for what is wanted", async () => {
    runner = new FakeRunner(undefined, [{ sku: "cpu-small", total: 1 }])
    const [one, other] = [await aTestModel(alice), await aTestModel(alice)]
    await oneReady(one.name)
    const { id } = await run(other.name)
    await settle()
    await runner.makeReady()
    await settle()
    await runner.finish(id)
    expect(await now(id)).toMatchObject({ status: "succeeded" })
  })
})

describe("turns", () => {
  test("one account's many do not delay another's first", async () => {
    const { name } = await aTestModel(alice)
    await oneReady(name)
    const many = []
    for (let n = 0; n < 30; n++) many.push((await run(name)).id)
    const { id } = await run(name, {}, bob)
    const order: string[] = []
    while (order.length < 4) {
      await runner.report()
      const next = runner.running[0]!
      order.push(next.id)
      await runner.finish(next.id)
    }
    expect(order.indexOf(id)).toBeLessThan(2)
    expect(order.filter((one) => one !== id)).toEqual(many.slice(0, 3))
  })

  test("an account served lately is remembered, however many others were served since it first was", async () => {
    const { name } = await aTestModel(alice)
    const serveOthers = (from: number, to: number) => {
      for (let n = from; n < to; n++) hub().served.set(`elsewhere ${n}`, 0)
    }
    await oneReady(name)
    serveOthers(0, 9_998)
    const again = await run(name)
    await runner.report()
    await runner.finish(again.id)
    serveOthers(9_998, 10_000)
    const mine = await run(name)
    const { id } = await run(name, {}, bob)
    await runner.report()
    const handed = runner.handed.map(({ prediction }) => prediction.id)
    expect(handed.filter((one) => one === mine.id || one === id)).toEqual([id])
    expect(hub().served.size).toBe(10_000)
  })
})

describe("what is told", () => {
  test("logs and lists never get shorter, and nothing changes after the end", async () => {
    const { name } = await aTestModel(alice)
    await oneReady(name)
    const { id } = await run(name)
    await settle()
    await runner.tell(id, { status: "processing", output: ["a", "b"], logs: "one two" })
    await runner.tell(id, { status: "processing", output: ["a"], logs: "one" })
    expect(await now(id)).toMatchObject({ status: "processing", output: ["a", "b"], logs: "one two" })
    const { instance } = runner.running[0]!
    await runner.tell(id, { status: "succeeded", output: ["a", "b", "c"], logs: "one two three" })
    await runner.tell(id, { status: "failed", error: "late" }, instance)
    expect(await now(id)).toMatchObject({
      status: "succeeded",
      output: ["a", "b", "c"],
      logs: "one two three",
      error: null,
    })
  })

  test("counts only for the instance that has it", async () => {
    const { name } = await aTestModel(alice)
    await oneReady(name)
    const { id } = await run(name)
    await settle()
    await runner.tell(id, { status: "succeeded", output: "forged" }, "0".repeat(26))
    expect((await now(id)).status).toBe("starting")
    await expect(
      import("./hub").then(({ hubPort }) => hubPort.openInput("0".repeat(26), id, "https://x/y")),
    ).rejects.toMatchObject({ kind: "missing" })
  })

  test("a secret does not come back, wherever the model writes it", async () => {
    const secret = { type: "string", "x-cog-secret": true }
    const openapi_schema = {
      components: { schemas: { Input: { type: "object", properties: { key: secret } }, Output: {} } },
    }
    const { name } = await aTestModel(alice, { openapi_schema })
    const { id } = await run(name, { key: "sk-123456" })
    await settle()
    await runner.makeReady()
    await settle()
    expect(runner.handed.at(-1)!.prediction.input).toEqual({ key: "sk-123456" })
    await runner.tell(id, {
      status: "failed",
      error: "bad key sk-123456",
      logs: "key sk-123456\n",
      output: ["sk-123456"],
    })
    expect(JSON.stringify(await now(id))).not.toContain("sk-123456")
    expect(await now(id)).toMatchObject({ error: "bad key **********", logs: "key **********\n" })
  })

  test("a secret that comes in pieces is shown at no time", async () => {
    const openapi_schema = {
      components: {
        schemas: {
          Input: { type: "object", properties: { key: { type: "string", "x-cog-secret": true } } },
          Output: { type: "array", items: { type: "string" } },
        },
      },
    }
    const { name } = await aTestModel(alice, { openapi_schema })
    const { id } = await run(name, { key: "sk-123456-long-enough" })
    await settle()
    await runner.makeReady()
    await settle()
    const told = (output: string[], logs: string) => runner.tell(id, { status: "processing", output, logs })
    await told(["key: ", "sk-123456"], "key sk-123456-long-enoug")
    expect(await now(id)).toMatchObject({ output: ["key: "], logs: "key " })
    await told(["key: ", "sk-123456", "-long-enough", "."], "key sk-123456-long-enough")
    expect(await now(id)).toMatchObject({ output: ["key: ", "**********", "", "."], logs: "key **********" })
    await runner.tell(id, {
      status: "succeeded",
      output: ["key: ", "sk-123456", "-long-enough", ".", "s"],
      logs: "key sk-123456-long-enough s",
    })
    expect(await now(id)).toMatchObject({ output: ["key: ", "**********", "", ".", "s"], logs: "key ********** s" })
  })

  test("a failure always says something, and a list that never came is empty", async () => {
    const Output = { type: "array", items: { type: "string" } }
    const { name } = await aTestModel(alice, {
      openapi_schema: { components: { schemas: { Input: { properties: {} }, Output } } },
    })
    const [a, b] = [await run(name), await run(name)]
    await settle()
    await runner.makeReady()
    await settle()
    for (const [{ id }, end] of [
      [a, { status: "failed", error: " " }],
      [b, { status: "succeeded", output: null }],
    ] as const) {
      while (!runner.running.some((one) => one.id === id)) await runner.report()
      await runner.tell(id, end)
    }
    expect((await now(a.id)).error).not.toBe("")
    expect((await now(b.id)).output).toEqual([])
  })
})

describe("what goes wrong", () => {
  test("what a server had no place for goes back to its place, and runs once", async () => {
    const { name } = await aTestModel(alice)
    await oneReady(name)
    const [first, second] = [await run(name), await run(name)]
    await runner.report()
    await runner.tell(first.id, { status: "processing", returned: true })
    expect(await now(first.id)).toMatchObject({ status: "starting", instance_id: null })
    await new Promise((resume) => setTimeout(resume, 300))
    await runner.report()
    expect(runner.running.map(({ id }) => id)).toContain(first.id)
    await runner.finish(first.id)
    await runner.report()
    await runner.finish(second.id)
    expect(await now(second.id)).toMatchObject({ status: "succeeded" })
  })

  test("what an instance had begun that is lost fails, what waited runs on another one", async () => {
    const { name } = await aTestModel(alice)
    await oneReady(name)
    const [begun, waiting] = [await run(name), await run(name)]
    await runner.report()
    runner.end(runner.running[0]!.instance, "oom")
    await settle()
    expect(await now(begun.id)).toMatchObject({
      status: "failed",
      error: "Prediction interrupted: the model ran out of memory.",
    })
    await runner.makeReady()
    await settle()
    await runner.finish(waiting.id)
    expect(await now(waiting.id)).toMatchObject({ status: "succeeded" })
    expect(runner.handed.filter(({ prediction }) => prediction.id === begun.id)).toHaveLength(1)
  })

  test("after a restart of the hub nothing is begun again that may have been begun", async () => {
    const { name } = await aTestModel(alice)
    await oneReady(name)
    const { id } = await run(name)
    await runner.report()
    forget()
    startHub()
    // Its runner is alive and still knows what it runs.
    await settle()
    expect(runner.handed.filter(({ prediction }) => prediction.id === id)).toHaveLength(1)
    // A restarted runner is ordered to resume it.
    forget()
    startHub()
    runner.boot = "another"
    for (const { runs } of runner.instances.values()) runs.clear()
    await settle()
    expect(runner.handed.at(-1)!.prediction).toMatchObject({ id, resume: true })
    await runner.finish(id)
    expect(await now(id)).toMatchObject({ status: "succeeded" })
  })

  test("an instance that is not there after a restart takes along what it had begun", async () => {
    const { name } = await aTestModel(alice)
    await oneReady(name)
    const { id } = await run(name)
    await runner.report()
    forget()
    startHub()
    runner.boot = "another"
    runner.instances.clear()
    await settle()
    expect(await now(id)).toMatchObject({ status: "failed", error: expect.stringContaining("Prediction interrupted") })
  })

  test("a set-up that fails is tried again after a while, and who waits is told why", async () => {
    const { name } = await aTestModel(alice)
    const { id } = await run(name)
    await settle()
    runner.end([...runner.instances.keys()][0]!, "setup", "no weights here")
    await settle()
    expect(runner.instances.size).toBe(0)
    expect(presentPrediction(await now(id), "").status_detail).toMatch(/tried again.*no weights here/s)
    await skipWaiting()
    await settle()
    expect(runner.instances.size).toBe(1)
    await runner.makeReady()
    await settle()
    await runner.finish(id)
    expect(presentPrediction(await now(id), "")).not.toHaveProperty("status_detail")
  })

  test("five in a row, and what waits fails until somebody asks for another try", async () => {
    const { name, model, version } = await aTestModel(alice)
    const { id } = await run(name)
    for (let n = 0; n < 5; n++) {
      await skipWaiting()
      await settle()
      runner.end([...runner.instances.keys()][0]!, "setup", "no weights here")
      await settle()
    }
    expect(await now(id)).toMatchObject({ status: "failed", error: expect.stringMatching(/5 times.*no weights here/s) })
    const { id: next } = await run(name)
    await settle()
    expect(await now(next)).toMatchObject({ status: "failed" })
    await retrySetUp(alice, model.owner, model.name, version.id)
    const { id: last } = await run(name)
    await settle()
    await runner.makeReady()
    await settle()
    await runner.finish(last)
    expect(await now(last)).toMatchObject({ status: "succeeded" })
  })

  test("who waits for what no runner offers is told so", async () => {
    const { name } = await aTestModel(alice, { hardware: "gpu-h100" })
    const { id } = await run(name)
    await settle()
    expect(presentPrediction(await now(id), "").status_detail).toBe("No runner offers the hardware gpu-h100.")
  })
})

describe("what an instance has cost when its model", () => {
  const totals = async (version: number) => {
    const rows = (await allUsage(version)).toSorted((a, b) => (a.started_at < b.started_at ? -1 : 1))
    const paid = (owner_id: number | null) =>
      rows.filter((row) => row.owner_id === owner_id).reduce((sum, { microseconds }) => sum + microseconds, 0)
    const [{ created_at, stopped_at }] = (await allInstances(version)) as [Awaited<ReturnType<typeof allInstances>>[0]]
    return { paid, lived: microsOf(stopped_at ?? created_at) - microsOf(created_at), rows }
  }

  test("is deleted while it lives: the instance is stopped, and paid for up to then", async () => {
    const { name, model, version } = await aTestModel(alice, { visibility: "private" })
    await oneReady(name)
    const running = await run(name)
    await settle()
    await deleteVersion(alice, model.owner, model.name, version.id)
    await deleteModel(alice, model.owner, model.name)
    const { paid, lived } = await totals(version.number)
    expect(lived).toBeGreaterThan(0)
    expect(paid(alice.owner_id)).toBe(lived)
    // The runner is ordered to stop it, although its row is deleted.
    await settle()
    expect(runner.instances.size).toBe(0)
    expect((await totals(version.number)).lived).toBe(lived)
    expect(await now(running.id)).toMatchObject({ status: "failed" })
  })

  test("loses its version while it lives: it is stopped, and paid for up to its end", async () => {
    const { name, model, version } = await aTestModel(alice, { visibility: "private" })
    await oneReady(name)
    await deleteVersion(alice, model.owner, model.name, version.id)
    await settle()
    expect(runner.instances.size).toBe(0)
    const { paid, lived } = await totals(version.number)
    expect(lived).toBeGreaterThan(0)
    expect(paid(alice.owner_id)).toBe(lived)
  })

  test("ran something on it until later than its runner last reported: it lived until then", async () => {
    const { name, version } = await aTestModel(alice, { visibility: "private" })
    await oneReady(name)
    const { id } = await run(name)
    await settle()
    const instance = (await allInstances(version.number))[0]!.id
    await runner.finish(id)
    const { paid: before } = await totals(version.number)
    await write((tx) => stopRow(tx, instance, fromNow(-3600), { state: "stopped", reason: "lost", detail: null }))
    const { paid, lived } = await totals(version.number)
    expect(lived).toBe(before(alice.owner_id))
    expect(paid(alice.owner_id)).toBe(lived)
  })

  test("changes hands, or is made public: each owner pays for their part", async () => {
    const { name, model, version } = await aTestModel(alice, { visibility: "private" })
    await oneReady(name)
    await offerTransfer(alice, model.owner, model.name, { to: bob.username })
    const { id } = (await findTransfer(alice, model.owner, model.name))!
    await acceptTransfer(bob, id, { name: model.name })
    await updateModel(bob, bob.username, model.name, { visibility: "public" })
    for (const id of runner.instances.keys()) runner.end(id, "stopped")
    await settle()
    const { paid, lived, rows } = await totals(version.number)
    for (const owner of [alice.owner_id, bob.owner_id, null]) expect(paid(owner)).toBeGreaterThan(0)
    expect(paid(alice.owner_id) + paid(bob.owner_id) + paid(null)).toBe(lived)
    expect(rows.map(({ ended_at }) => ended_at)).toEqual([
      ...rows.slice(1).map(({ started_at }) => started_at),
      expect.any(String),
    ])
  })
})

describe.each(["public", "private"] as const)("the ledger of a %s model", (visibility) => {
  test("adds up to the seconds its instances lived, whatever becomes of them", async () => {
    const { name, version } = await aTestModel(alice, { visibility })
    let state = 7
    const random = (below: number) => (state = (state * 1103515245 + 12345) % 2 ** 31) % below
    const ids: string[] = []
    for (let n = 0; n < 120; n++) {
      const act = random(10)
      if (act < 4) ids.push((await run(name)).id)
      else if (act < 5) await runner.makeReady(1 + random(3))
      else if (act < 7 && runner.running.length > 0) {
        const { id } = runner.running[random(runner.running.length)]!
        await runner.tell(id, random(3) === 0 ? { status: "failed", error: "so" } : { status: "succeeded", output: 1 })
      } else if (act < 8 && runner.instances.size > 0) runner.end([...runner.instances.keys()][0]!, "oom")
      else if (act < 9 && ids.length > 0) await cancelPrediction(alice, ids[random(ids.length)]!)
      else if (random(4) === 0) {
        forget()
        startHub()
        if (random(2) === 0) runner.boot = `boot ${n}`
      }
      await skipWaiting()
      await settle()
    }
    for (const id of ids) await cancelPrediction(alice, id)
    await settle()
    for (const id of runner.instances.keys()) runner.end(id, "stopped")
    await settle()

    const rows = await allUsage(version.number)
    const instances = await allInstances(version.number)
    expect(instances.length).toBeGreaterThan(3)
    for (const { id, created_at, stopped_at } of instances) {
      const own = rows.filter(({ instance_id }) => instance_id === id)
      const micros = own.reduce((sum, { microseconds }) => sum + microseconds, 0)
      expect(micros).toBe(microsOf(stopped_at!) - microsOf(created_at))
      if (visibility === "private")
        expect(own.reduce((sum, { usd }) => sum.plus(usd), Big(0)).toFixed()).toBe(
          Big("0.000025").times(micros).times("0.000001").toFixed(),
        )
    }
    if (visibility === "private") return
    // For a public model, failed runs, set-up and idle time are free.
    for (const id of ids) {
      const { number, status, metrics } = await now(id)
      const paid = rows.filter((row) => row.prediction === number).reduce((sum, { usd }) => sum.plus(usd), Big(0))
      if (status === "failed") expect(paid.toFixed()).toBe("0")
      if (metrics?.cost_usd !== undefined) expect(metrics.cost_usd).toBe(paid.toNumber())
    }
    expect(rows.filter(({ phase, usd }) => phase !== "active" && usd !== "0")).toEqual([])
  })
})
