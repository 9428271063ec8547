import { describe, expect, test, vi } from "vitest"

import { engine } from "@/db"
import { dialect } from "@/db/kit"
import { betweenMachines } from "./push"
import { after, merged, nothingYet, type PushEvent } from "./state"

const heardBy = async () => {
  const bus = betweenMachines()
  const heard: [number, PushEvent][] = []
  bus.receive((model_id, event) => void heard.push([model_id, event]))
  const stop = await bus.open((error) => {
    throw error
  })
  return { bus, heard, stop }
}

test("bytes that wait to be told are told in one sum, and the order of everything else is kept", () => {
  const events: PushEvent[] = [
    { type: "bytes", bytes: 1 },
    { type: "bytes", bytes: 2 },
    { type: "layer", digest: "sha256:0", size: 3 },
    { type: "bytes", bytes: 4 },
    { type: "refused", detail: "x".repeat(10_000) },
  ]
  const told = events.reduce(merged, [])
  expect(told.map(({ type }) => type)).toEqual(["bytes", "layer", "bytes", "refused"])
  const [one, all] = [told, events].map((list) => list.reduce(after, nothingYet))
  expect(one).toEqual({ ...all!, refused: "x".repeat(300) })
})

const machines = () => {
  test("a push to one is heard by the others, whole and in order, and by itself only once", async () => {
    const [here, there] = [await heardBy(), await heardBy()]
    for (let n = 0; n < 100; n++)
      here.bus.send(
        7,
        n % 2
          ? { type: "bytes", bytes: n }
          : { type: "layer", digest: `sha256:${String(n).padStart(64, "0")}`, size: n },
      )
    here.bus.send(8, { type: "refused", detail: "💥".repeat(5000) })
    expect(here.heard).toHaveLength(101)
    await vi.waitFor(() => expect(there.heard).toHaveLength(101), { timeout: 5000 })
    expect(there.heard.slice(0, 100)).toEqual(here.heard.slice(0, 100))
    await new Promise((resume) => setTimeout(resume, 300))
    expect(here.heard).toHaveLength(101)
    await Promise.all([here.stop(), there.stop()])
  })

  test("a connection that was cut comes back", async () => {
    const [here, there] = [await heardBy(), await heardBy()]
    const cut = await engine()
      .pg!`select pg_terminate_backend(pid) from pg_stat_activity where query like 'listen %' and pid <> pg_backend_pid()`
    expect(cut.length).toBeGreaterThan(0)
    await vi.waitFor(
      async () => {
        here.bus.send(9, { type: "bytes", bytes: 1 })
        await new Promise((resume) => setTimeout(resume, 250))
        expect(there.heard.length).toBeGreaterThan(0)
      },
      { timeout: 10_000 },
    )
    await Promise.all([here.stop(), there.stop()])
  })
}
// Where there is one machine there is nothing to try.
if (dialect === "pg") describe("between machines that share a database", machines)
