import { randomUUID } from "node:crypto"
import { readdirSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"

import { makeFolderSync } from "@/db/data-folder"
import type { Engine } from "@/lib/engines/engine"
import { log } from "@/lib/log"
import { capacityOf, type Machine } from "./capacity"
import { Instance, readSavedInstance } from "./instance"
import type { Hardware, RunnerOrders, RunnerPort, RunnerReport } from "./port"

export type RunnerOptions = {
  id: string
  port: RunnerPort
  engines: Engine[]
  machine: Machine
  /** A folder for what must survive a restart. */
  folder: string
}

export type Runner = {
  /** Resolves after the first report. */
  ready: Promise<void>
  /** Detaches from busy instances, and stops the others. */
  close(): Promise<void>
}

const reportEvery = 1_000
const hardwareEvery = 60_000

/**
 * Carries out the hub's decisions: starts and stops instances with the engines of this machine, and passes predictions
 * and results between them.
 */
export function startRunner({ id, port, engines, machine, folder }: RunnerOptions): Runner {
  const instances = new Map<string, Instance>()
  const boot = randomUUID()
  let reports = 0
  const closing = new AbortController()
  const instancesFolder = join(folder, "instances")
  const heartbeat = join(folder, "heartbeat")
  let hardware: Hardware[] = []
  let hardwareAt = -Infinity
  let usable: Engine[] = []
  let usableAt = -Infinity
  let wanted = Promise.withResolvers<void>()
  const changed = () => wanted.resolve()

  const contextOf = (engine: Engine, instance: string) => ({
    engine,
    port,
    folder: join(instancesFolder, instance),
    changed,
    reports: () => reports,
  })

  async function takeUp() {
    makeFolderSync(instancesFolder)
    const patience = patienceAfter(heartbeat)
    const known = readdirSync(instancesFolder)
    for (const engine of usable) {
      const found = await engine.list()
      for (const { id, state } of found) {
        const was = readSavedInstance(join(instancesFolder, id))
        if (was?.engine !== engine.name) {
          await engine
            .stop(id, 0)
            .catch((error) => log("warn", "an instance could not be stopped", { error, instance: id }))
          continue
        }
        await takeUpOne(engine, id, state === "running", patience)
      }
    }
    for (const id of known) {
      if (instances.has(id)) continue
      const was = readSavedInstance(join(instancesFolder, id))
      const engine = engines.find(({ name }) => name === was?.engine)
      if (engine && usable.includes(engine)) await takeUpOne(engine, id, false, patience)
      // The state of an engine that does not respond is unknown; it is checked again later.
      else if (!was) rmSync(join(instancesFolder, id), { recursive: true, force: true })
    }
  }

  async function takeUpOne(engine: Engine, id: string, isRunning: boolean, patience: number) {
    if (instances.has(id)) return
    const was = readSavedInstance(join(instancesFolder, id))!
    const instance = new Instance(was.spec, contextOf(engine, id))
    instances.set(id, instance)
    await instance.resume(was, isRunning, patience)
  }

  /** Slow work must not keep the hub waiting. */
  let looking: Promise<void> | undefined
  const lookSoon = () => (looking ??= look().finally(() => (looking = undefined)))

  async function look() {
    const now = performance.now()
    if (now - usableAt > 10_000) {
      const checks = await Promise.all(engines.map(async (engine) => ({ engine, failure: await engine.check() })))
      const before = usable
      usable = checks.filter(({ failure }) => failure === null).map(({ engine }) => engine)
      usableAt = now
      if (usable.some((engine) => !before.includes(engine)))
        await takeUp().catch((error) => {
          // Retried with the next check.
          usable = before
          throw error
        })
    }
    if (now - hardwareAt > hardwareEvery) {
      hardware = await port.hardware()
      hardwareAt = now
    }
  }

  async function loop() {
    while (!closing.signal.aborted) {
      wanted = Promise.withResolvers<void>()
      try {
        const looked = lookSoon()
        if (reports === 0) await looked
        else looked.catch((error) => log("warn", "the runner could not look at its engines", { error, runner: id }))
        const number = ++reports
        const orders = await tellHub()
        touch(heartbeat)
        if (closing.signal.aborted) return
        carryOut(orders, number)
        ready.resolve()
      } catch (error) {
        log("warn", "the runner could not report", { error, runner: id })
      }
      await Promise.race([wanted.promise, sleep(reportEvery, undefined, { ref: false })])
    }
  }

  async function tellHub() {
    const gone = [...instances.values()].filter(({ isGone, runs }) => isGone && runs.size === 0)
    const orders = await port.report(report())
    for (const instance of gone) {
      instances.delete(instance.id)
      instance.forget()
    }
    return orders
  }

  function report(): RunnerReport {
    const live = [...instances.values()].filter(({ isGone }) => !isGone)
    return {
      runner: id,
      boot,
      architecture: process.arch === "x64" ? "amd64" : process.arch,
      engines: usable.map(({ name }) => name),
      capacity: capacityOf(
        machine,
        hardware,
        live.map(({ spec }) => spec),
      ),
      instances: [...instances.values()].map((instance) => instance.report()),
    }
  }

  function carryOut({ start, stop, run, cancel }: RunnerOrders, report: number) {
    for (const { engine: name, ...spec } of start) {
      if (instances.has(spec.id)) continue
      const engine = engines.find((engine) => engine.name === name)
      if (!engine) continue
      const instance = new Instance(spec, contextOf(engine, spec.id))
      instances.set(spec.id, instance)
      instance.boot(spec).catch((error) => log("error", "an instance went wrong", { error, instance: spec.id }))
      changed()
    }
    for (const { id, grace_ms } of stop) void instances.get(id)?.stop(grace_ms)
    for (const { instance, prediction } of run) instances.get(instance)?.run(prediction, report)
    for (const { instance, prediction } of cancel) instances.get(instance)?.cancel(prediction)
  }

  const ready = Promise.withResolvers<void>()
  const stopListening = port.onWake(changed)
  for (const engine of engines) void watch(engine)
  async function watch(engine: Engine) {
    while (!closing.signal.aborted) {
      try {
        for await (const event of engine.watch(closing.signal)) instances.get(event.id)?.noticed(event)
      } catch (error) {
        if (!closing.signal.aborted) log("warn", "an engine could not be watched", { error, engine: engine.name })
      }
      await sleep(1_000, undefined, { ref: false })
    }
  }
  const looping = loop()

  return {
    ready: ready.promise,
    async close() {
      closing.abort()
      stopListening()
      changed()
      await looping
      const all = [...instances.values()]
      await Promise.all(all.filter(({ runs }) => runs.size === 0).map((instance) => instance.stop(0)))
      await tellHub().catch(() => {})
      await Promise.all(all.filter(({ isGone }) => !isGone).map((instance) => instance.detach()))
      await Promise.all(engines.map((engine) => engine.close()))
    },
  }
}

/** How long the end of a prediction may still arrive after an absence: servers retry with growing back-off. */
function patienceAfter(heartbeat: string) {
  const away = statSync(heartbeat, { throwIfNoEntry: false })
  if (!away) return 0
  return Math.min((Date.now() - away.mtimeMs) * 1.5 + 10_000, 300_000)
}

function touch(path: string) {
  try {
    utimesSync(path, new Date(), new Date())
  } catch {
    writeFileSync(path, "")
  }
}
