import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { createServer, type IncomingMessage } from "node:http"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { afterEach, beforeEach, expect, test } from "vitest"

import { newId } from "@/lib/id"
import { dockerEngine, findDockerSocket } from "./docker"
import type { Engine, InstanceSpec } from "./engine"
import { runFolders } from "./folders"

type Container = { Id: string; Labels: Record<string, string>; HostConfig: Record<string, any> }

/** A fake engine that creates containers, which never run. */
function fakeDocker(containers: Container[]) {
  return createServer(async (request, response) => {
    const { pathname, searchParams } = new URL(request.url!, "http://docker")
    const path = pathname.replace(/^\/v[\d.]+/, "")
    const answer = (body: unknown) => response.end(JSON.stringify(body))
    const body = await textOf(request)
    if (path === "/events") return void response.flushHeaders()
    if (path === "/version") return answer({ ApiVersion: "1.47", Version: "27" })
    if (path === "/info") return answer({ NCPU: 8 })
    if (path.startsWith("/images/")) return answer({ Config: {} })
    if (path === "/containers/json") {
      const { label } = JSON.parse(searchParams.get("filters")!) as { label: string[] }
      const isMeant = ({ Labels }: Container) =>
        label.every((one) => Labels[one.split("=")[0]!] === one.slice(one.indexOf("=") + 1))
      return answer(searchParams.get("all") === "true" ? containers.filter(isMeant) : [])
    }
    if (path === "/containers/create") {
      const { Labels, HostConfig } = JSON.parse(body)
      await sleep(50)
      containers.push({ Id: newId(), Labels, HostConfig })
      return answer({})
    }
    const found = containers.find(({ Id }) => path === `/containers/${Id}/json`)
    answer(found ? { ...found, State: { Running: false, Pid: 0, ExitCode: 0 } } : {})
  })
}
async function textOf(request: IncomingMessage) {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

let folder: string
let containers: Container[]
let server: ReturnType<typeof fakeDocker>
let engine: Engine
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "us-"))
  containers = []
  server = fakeDocker(containers)
  const socket = join(folder, "docker.sock")
  await new Promise<void>((resolve) => server.listen(socket, resolve))
  const gpus = ["Tesla T4", "NVIDIA A100-SXM4-80GB", "Tesla T4"]
  engine = dockerEngine({ folders: runFolders(folder), socket, gpus })
})
afterEach(async () => {
  await engine.close()
  server.closeAllConnections()
  server.close()
  rmSync(runFolders(folder).sockets, { recursive: true, force: true })
  rmSync(folder, { recursive: true, force: true })
})

test("the socket is that of the first engine that answers, or the first that exists if none does", async () => {
  const [dead, silent, alive] = ["dead.sock", "silent.sock", "docker.sock"].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ]
  writeFileSync(dead, "")
  const hanging = createServer(() => {})
  await new Promise<void>((resolve) => hanging.listen(silent, resolve))
  try {
    expect(await findDockerSocket([join(folder, "none"), dead, silent, alive])).toBe(alive)
    expect(await findDockerSocket([dead, silent])).toBe(dead)
    expect(await findDockerSocket([join(folder, "none")])).toBeNull()
  } finally {
    hanging.closeAllConnections()
    hanging.close()
  }
}, 30_000)

const spec = (hardware_name: string, gpus: number): InstanceSpec => ({
  id: newId(),
  image: `127.0.0.1:1/alice/model@sha256:${"0".repeat(64)}`,
  mode: "predict",
  env: {},
  hardware: "gpu",
  hardware_name,
  memory_mb: 2048,
  cpus: 1,
  gpus,
  egress: "none",
  setup_limit: 60,
})
const given = () => containers.map(({ HostConfig }) => HostConfig.DeviceRequests?.[0].DeviceIDs as string[])

test("instances that start together get GPUs of their own, of the kind of their hardware", async () => {
  await Promise.all([1, 2].map(() => engine.ensure(spec("Nvidia T4 GPU", 1))))
  expect(given()).toEqual([["0"], ["2"]])
  await engine.ensure(spec("Nvidia A100 (80GB) GPU", 1))
  expect(given().at(-1)).toEqual(["1"])
})

test("an instance is refused where fewer GPUs are free than it needs, and later ones are not affected", async () => {
  await engine.ensure(spec("Nvidia T4 GPU", 1))
  const [refused, other] = await Promise.allSettled([
    engine.ensure(spec("2x Nvidia T4 GPU", 2)),
    engine.ensure(spec("Nvidia T4 GPU", 1)),
  ])
  expect(refused).toMatchObject({ status: "rejected", reason: { reason: "capacity" } })
  expect(other).toMatchObject({ status: "fulfilled" })
  expect(given()).toEqual([["0"], ["2"]])
})
