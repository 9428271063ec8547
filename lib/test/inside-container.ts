// Runs a runner inside a container, as compose.yaml does: with only the engine's socket and a data folder from the
// machine. Prints the outcome of one prediction.
// node --import tsx lib/test/inside-container.ts IMAGE
import { dockerEngine } from "@/lib/engines/docker"
import { runFolders } from "@/lib/engines/folders"
import { startRunner } from "@/lib/runner/runner"
import { aRun, anInstance, RecordingPort, until } from "./runner-port"

const image = process.argv[2]!
const port = new RecordingPort()
const folders = runFolders("/data")
const engine = dockerEngine({ folders, socket: "/var/run/docker.sock" })
const machine = { memory_mb: 4096, cpus: 2, gpus: [] }
const runner = startRunner({ id: "own", port, engines: [engine], machine, folder: folders.state })
await runner.ready
const spec = anInstance({ image })
port.order({ start: [{ ...spec, engine: "docker" }] })
const instance = await until(
  () => {
    const state = port.state(spec.id)
    return state?.state === "ready" || state?.state === "gone" ? state : null
  },
  "the instance is ready",
  60_000,
)
const prediction = aRun({ do: "file", size: 300_000 })
port.order({ run: [{ instance: spec.id, prediction }] })
const end =
  instance.state === "ready" && (await until(() => port.story(prediction.id).find(({ completed_at }) => completed_at)))
// Internet access needs firewall rules on the machine, which cannot be set from inside a container.
const wantsInternet = anInstance({ image, egress: "internet" })
port.order({ start: [{ ...wantsInternet, engine: "docker" }] })
const internet = await until(
  () =>
    port.reports
      .flatMap(({ instances }) => instances)
      .find(({ id, state }) => id === wantsInternet.id && state === "gone"),
  "the instance with the Internet is refused",
  60_000,
)
await runner.close()
console.log(JSON.stringify({ uid: process.getuid!(), instance, end, internet, outputs: port.outputs }))
process.exit(0)
