import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, describe, expect, test } from "vitest"

import { dockerEngine } from "@/lib/engines/docker"
import type { InstanceSpec } from "@/lib/engines/engine"
import { runFolders } from "@/lib/engines/folders"
import { importModel, podmanHere, startPodman } from "@/lib/test/docker-daemon"
import { aRun, anInstance, RecordingPort, until } from "@/lib/test/runner-port"
import { startRunner } from "./runner"

const started = podmanHere ? await startPodman() : null
if (!started) console.warn("podman does not run here: IT WAS NOT TRIED.")

describe.skipIf(!started)("with podman", () => {
  const daemon = started!
  const folder = mkdtempSync(join(tmpdir(), "us-"))
  afterAll(async () => {
    await daemon.stop()
    rmSync(folder, { recursive: true, force: true })
  }, 60_000)

  test("the same engine runs, fences, stops and finds again", async () => {
    const image = await importModel(daemon.api, "localhost/us-test-model")
    const port = new RecordingPort()
    const folders = runFolders(folder)
    const engine = dockerEngine({ folders, socket: daemon.socket })
    const machine = { memory_mb: 8192, cpus: 4, gpus: [] }
    const runner = startRunner({ id: "own", port, engines: [engine], machine, folder: folders.state })
    await runner.ready
    const start = (change: Partial<InstanceSpec> = {}) => {
      const spec = anInstance({ image, ...change })
      port.order({ start: [{ ...spec, engine: "docker" }] })
      return until(
        () =>
          port.reports
            .flatMap(({ instances }) => instances)
            .find(({ id, state }) => id === spec.id && /ready|gone/.test(state)),
        "the instance is there",
        60_000,
      )
    }
    const run = async (instance: string, input: Record<string, unknown>) => {
      const prediction = aRun(input)
      port.order({ run: [{ instance, prediction }] })
      return until(() => port.story(prediction.id).find(({ completed_at }) => completed_at), "the end") as Promise<any>
    }
    const { id, state, detail } = await start({ env: { MORE_DEEDS: "/src/hostile.mjs" } })
    expect([state, detail]).toEqual(["ready", undefined])
    expect(await run(id, { text: "hello" })).toMatchObject({ status: "succeeded", output: "hello" })
    expect(await run(id, { do: "file", size: 500_000 })).toMatchObject({ status: "succeeded" })
    const { output } = await run(id, { do: "look" })
    expect(output).toMatchObject({ capabilities: "0000000000000000", newPrivileges: "1", seccomp: "2", processes: 1 })
    const knocked = await run(id, { do: "knock", addresses: ["1.1.1.1:80", "169.254.169.254:80"] })
    expect(knocked.output).toEqual({
      found: { "1.1.1.1:80": "ENETUNREACH", "169.254.169.254:80": "ENETUNREACH" },
      interfaces: ["lo"],
    })
    // Podman silently leaves out GPUs.
    expect(await start({ gpus: 1 })).toMatchObject({ state: "gone", reason: "capacity" })
    const dies = await run(id, { do: "die" })
    expect(dies).toMatchObject({ status: "failed", error: expect.stringContaining("exit code 3") })
    await until(() => port.reports.at(-1)!.instances.length === 0, "nothing is left", 60_000)
    await runner.close()
    expect(await daemon.api.json("GET", "/containers/json", { query: { all: true } })).toEqual([])
  }, 180_000)
})
