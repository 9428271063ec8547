import { execFileSync, spawn, spawnSync } from "node:child_process"
import { createServer, type AddressInfo } from "node:net"
import { mkdtempSync, existsSync, chownSync, readFileSync, rmSync, statSync, symlinkSync } from "node:fs"
import { networkInterfaces, tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest"

import { dockerEngine } from "@/lib/engines/docker"
import { unframed } from "@/lib/engines/docker-api"
import type { InstanceSpec } from "@/lib/engines/engine"
import { runFolders } from "@/lib/engines/folders"
import { dockerHere, importModel, startDockerd } from "@/lib/test/docker-daemon"
import { aRun, anInstance, RecordingPort, until } from "@/lib/test/runner-port"
import type { RunOrder } from "./port"
import { startRunner, type Runner } from "./runner"

// Real containers of a real engine, started only for these tests and without access to this machine's network.

const started = dockerHere ? await startDockerd() : null
if (!started) console.warn("Docker's engine does not run here: NO CONTAINER WAS TRIED.")

describe.skipIf(!started)("with Docker", () => {
  const daemon = started!
  let image: string
  beforeAll(async () => {
    image = await importModel(daemon.api, "us-test-model")
  }, 180_000)
  afterAll(() => daemon.stop(), 120_000)

  let folder: string
  let port: RecordingPort
  let runner: Runner | undefined
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "us-"))
    port = new RecordingPort()
  })
  afterEach(async () => {
    port.away = false
    const ids = new Set(port.reports.flatMap(({ instances }) => instances.map(({ id }) => id)))
    port.order({ stop: [...ids].map((id) => ({ id, grace_ms: 0 })) })
    await until(() => port.reports.at(-1)?.instances.length === 0, "every instance stopped").catch(() => {})
    await runner?.close()
    const { sockets } = runFolders(folder)
    rmSync(sockets, { recursive: true, force: true })
    rmSync(folder, { recursive: true, force: true })
  })

  async function start(change: Partial<Parameters<typeof dockerEngine>[0]> = {}) {
    const folders = runFolders(folder)
    const engine = dockerEngine({ folders, socket: daemon.socket, ...change })
    const machine = { memory_mb: 8192, cpus: 4, gpus: [] }
    runner = startRunner({ id: "own", port, engines: [engine], machine, folder: folders.state })
    await runner.ready
    return engine
  }

  async function ready(change: Partial<InstanceSpec> = {}) {
    const spec = anInstance({ image, ...change })
    port.order({ start: [{ ...spec, engine: "docker" }] })
    const state = await until(() => {
      const state = port.state(spec.id)
      return state?.state === "ready" || state?.state === "gone" ? state : null
    }, "the instance is ready")
    expect(state).toMatchObject({ state: "ready" })
    return spec.id
  }

  async function run(instance: string, input: Record<string, unknown>, change: Partial<RunOrder> = {}) {
    const prediction = aRun(input, change)
    port.order({ run: [{ instance, prediction }] })
    return prediction.id
  }
  const end = (prediction: string) =>
    until(() => port.story(prediction).find(({ completed_at, returned }) => completed_at || returned), "the end")
  const gone = (instance: string) =>
    until(
      () =>
        port.reports.flatMap(({ instances }) => instances).find(({ id, state }) => id === instance && state === "gone"),
      "the instance is gone",
      40_000,
    )
  const containers = async () =>
    (await daemon.api.json<{ Names: string[] }[]>("GET", "/containers/json", { query: { all: true } })).flatMap(
      ({ Names }) => Names,
    )

  test("an image is run, predicts, streams, gives files, is cancelled and leaves nothing behind", async () => {
    await start()
    const instance = await ready()
    await until(() => port.setupLogs[instance] === "setting up\nset up\n", "the set-up's log")
    expect(await end(await run(instance, { text: "from inside" }))).toMatchObject({
      status: "succeeded",
      output: "from inside",
      logs: "said from inside\n",
    })
    const stream = await run(instance, { do: "stream", words: ["a", "b"], pause: 100 })
    expect(await end(stream)).toMatchObject({ status: "succeeded", output: ["a", "b"] })
    expect(port.story(stream).map(({ output }) => output)).toContainEqual(["a"])
    expect(await end(await run(instance, { do: "file", size: 2_000_000 }))).toMatchObject({
      output: "https://hub.test/files/1/picture.png",
    })
    expect(port.outputs[0]).toMatchObject({ size: 2_000_000, content_type: "image/png" })
    port.inputs["file:1"] = { name: "in.txt", content_type: "text/plain", content: "read me" }
    const files = { "file:1": { name: "in.txt", content_type: "text/plain", size: 7 } }
    expect(await end(await run(instance, { do: "read", file: "file:1" }, { files }))).toMatchObject({
      output: { status: 200, body: "read me", name: "in.txt" },
    })
    const waits = await run(instance, { do: "wait" })
    await until(() => port.story(waits).length > 0)
    port.order({ cancel: [{ instance, prediction: waits }] })
    expect(await end(waits)).toMatchObject({ status: "canceled" })

    port.order({ stop: [{ id: instance, grace_ms: 3_000 }] })
    expect(await gone(instance)).toMatchObject({ reason: "stopped" })
    expect(await containers()).toEqual([])
    expect(existsSync(join(runFolders(folder).sockets, instance))).toBe(false)
  })

  test.each([false, true])(
    "a container can reach nothing, see nothing and do nothing that is not its own (relay as a container: %s)",
    async (sidecar) => {
      const hub = createServer((socket) => socket.end("hub")).listen(0, "0.0.0.0")
      process.env.A_SECRET = "of the server"
      try {
        await start({ sidecar })
        const [instance, other] = [await ready(hostile), await ready()]
        const victim = await run(other, { do: "wait", seconds: 30 })
        await until(() => port.story(victim).length > 0)

        const { port: hubPort } = hub.address() as AddressInfo
        const own = Object.values(networkInterfaces()).flatMap((all) => all ?? [])
        const hosts = own.filter(({ family }) => family === "IPv4").map(({ address }) => `${address}:${hubPort}`)
        const addresses = [...hosts, "169.254.169.254:80", "172.17.0.1:22", "10.0.0.1:80", "1.1.1.1:80", "8.8.8.8:53"]
        const knocked = (await end(await run(instance, { do: "knock", addresses }))) as any
        expect(knocked.output.interfaces).toEqual(["lo"])
        for (const address of addresses)
          expect([address, knocked.output.found[address]]).toEqual([
            address,
            address.startsWith("127.") ? "ECONNREFUSED" : "ENETUNREACH",
          ])

        const { output: looked } = (await end(await run(instance, { do: "look" }))) as any
        expect(looked).toMatchObject({
          capabilities: "0000000000000000",
          bounding: "0000000000000000",
          newPrivileges: "1",
          seccomp: "2",
          processes: 1,
          docker: false,
          tmp: "written",
          src: "written",
          sysrq: expect.stringMatching(/ENOENT|EROFS|EACCES|EPERM/),
          kernel: expect.stringMatching(/EROFS|EACCES|EPERM/),
          disk: expect.stringMatching(/ENOENT|EPERM|EACCES/),
        })
        expect(looked.env).not.toContain("A_SECRET")
        expect(looked.env.filter((name: string) => /SECRET|TOKEN|DATA|DATABASE|KEY/.test(name))).toEqual([])
        expect(looked.mounts.filter((mount: string) => mount.includes("understudy") || mount.includes(folder))).toEqual(
          [],
        )

        const stolen = (await end(await run(instance, { do: "impersonate", prediction: victim }))) as any
        expect(stolen.output).toEqual({ webhook: 200, input: 404, upload: 404, other: 404 })
        expect(port.story(victim).some(({ status }) => status !== "processing")).toBe(false)
      } finally {
        hub.close()
      }
    },
  )

  test.each([false, true])(
    "a container that starts processes without end gets some of them, and goes on (relay as a container: %s)",
    async (sidecar) => {
      await start({ sidecar })
      const instance = await ready({ ...hostile, memory_mb: 4096 })
      const { output } = (await end(await run(instance, { do: "bomb" }))) as any
      expect(output.failed).toBe("EAGAIN")
      expect(output.started).toBeLessThan(640)
      expect(await end(await run(instance, { text: "still here" }))).toMatchObject({ output: "still here" })
    },
  )

  test("a container that takes more memory or more disk than it has is ended, and that is said", async () => {
    await start({ disk: () => 200e6, lookEveryMs: 500 })
    const greedy = await ready({ memory_mb: 256 })
    expect(await end(await run(greedy, { do: "hog" }))).toMatchObject({
      status: "failed",
      error: "Prediction interrupted: the model ran out of memory.",
    })
    expect(await gone(greedy)).toMatchObject({ reason: "oom" })

    const filler = await ready(hostile)
    const fills = await end(await run(filler, { do: "fill", mb: 3_000 }))
    expect(fills).toMatchObject({ status: "failed", error: expect.stringMatching(/disk limit of 200 MB|ENOSPC/) })
  })

  test("what a container says is taken up to a limit, and nothing of it makes us stumble", async () => {
    await start()
    const instance = await ready({ ...hostile, memory_mb: 2048 })
    const logs = (await end(await run(instance, { do: "shout", what: "logs" }))) as any
    expect(logs.status).toBe("succeeded")
    expect(logs.logs).toMatch(/^\[The first +[\d,]+ characters of these logs are not kept.\]\nx+$/)
    expect(await end(await run(instance, { do: "shout", what: "depth" }))).toMatchObject({
      status: "failed",
      error: "The model's response is invalid. It is nested more than 100 levels deep.",
    })
    expect(await end(await run(instance, { do: "shout", what: "output" }))).toMatchObject({
      status: "failed",
      error: "The model's response is invalid. It is larger than 16 MB, files aside.",
    })
    expect(await end(await run(instance, { text: "well" }))).toMatchObject({ status: "succeeded" })
  })

  test("a runner that starts anew finds its containers, and what nobody owns is removed", async () => {
    await start()
    const instance = await ready()
    const prediction = await run(instance, { do: "wait", seconds: 4 })
    await until(() => port.story(prediction).length > 0)
    await runner!.close()
    // An unknown container of this installation, and one that belongs to somebody else.
    const [installation] = [readFileSync(join(folder, "run/installation"), "utf8")]
    for (const [name, owner] of [
      ["lost", installation],
      ["foreign", "somebody else"],
    ])
      await daemon.api.json("POST", "/containers/create", {
        query: { name },
        body: {
          Image: image,
          Labels: {
            "understudy.instance": `i${name!.padEnd(25, "0")}`,
            "understudy.installation": owner,
            "understudy.role": "model",
          },
        },
      })
    await start()
    expect(port.reports.at(-1)!.instances).toMatchObject([{ id: instance, state: "ready", running: [prediction] }])
    expect(await end(prediction)).toMatchObject({ status: "succeeded", output: "waited" })
    expect(await containers()).toContain("/foreign")
    expect(await containers()).not.toContain("/lost")
    await daemon.api.json("DELETE", "/containers/foreign")
  })

  test("a container that is killed, or removed by somebody else, is gone, and what it ran is interrupted", async () => {
    await start()
    const instance = await ready()
    const prediction = await run(instance, { do: "wait" })
    await until(() => port.story(prediction).length > 0)
    const [name] = await containers()
    await daemon.api.json("POST", `/containers${name}/kill`)
    expect(await end(prediction)).toMatchObject({
      status: "failed",
      error: expect.stringContaining("Prediction interrupted: its instance ended. The container was killed (137)"),
    })
    expect(await gone(instance)).toMatchObject({ reason: "exit" })
    expect(await containers()).toEqual([])
  })

  test.each([false, true])(
    "a relay that is killed is replaced, and what runs goes on (as a container: %s)",
    async (sidecar) => {
      await start({ sidecar })
      const instance = await ready()
      const prediction = await run(instance, { do: "wait", seconds: 6 })
      await until(() => port.story(prediction).length > 0)
      const kill = async () => {
        const relay = (await containers()).find((name) => name.endsWith("-relay"))
        if (relay) return daemon.api.json("POST", `/containers${relay}/kill`)
        process.kill(JSON.parse(readFileSync(join(folder, `run/docker/${instance}.relay`), "utf8")).pid, "SIGKILL")
      }
      await kill()
      expect(await end(prediction)).toMatchObject({ status: "succeeded", output: "waited" })
      await kill()
      // What is sent meanwhile is returned, or lost with the connection; later ones run.
      const ends = []
      while (ends.at(-1)?.status !== "succeeded" && ends.length < 10) ends.push(await end(await run(instance, {})))
      for (const { status, returned, error } of ends.slice(0, -1))
        expect([status, returned ?? error]).toEqual(
          returned ? ["processing", true] : ["failed", expect.stringContaining("Prediction interrupted: ")],
        )
      expect([ends.at(-1)!.status, port.state(instance)?.state]).toEqual(["succeeded", "ready"])
      expect(await containers()).toHaveLength(sidecar ? 2 : 1)
    },
    90_000,
  )

  test("an engine that goes away and comes back takes nothing along that it need not", async () => {
    await start()
    const instance = await ready()
    await daemon.kill()
    const late = anInstance({ image })
    port.order({ start: [{ ...late, engine: "docker" }] })
    expect(await gone(late.id)).toMatchObject({
      reason: "capacity",
      detail: expect.stringContaining("No engine answers at "),
    })
    await until(() => port.reports.at(-1)!.engines.length === 0, "the engine is not offered any more")
    await daemon.restart()
    await until(() => port.reports.at(-1)!.engines.includes("docker"), "the engine is offered again", 40_000)
    // After a crash Docker stops the containers it finds, unless live restore is on.
    await until(() => port.state(instance) === undefined || port.state(instance)!.state !== "stopping", "it is settled")
    expect(await end(await run(await ready(), { text: "again" }))).toMatchObject({ output: "again" })
  }, 120_000)

  test("an image that is not there, a command that is none and a GPU that nobody has are said in words", async () => {
    await start()
    const order = (change: Partial<InstanceSpec>) => {
      const spec = anInstance({ image, ...change })
      port.order({ start: [{ ...spec, engine: "docker" }] })
      return gone(spec.id)
    }
    expect(await order({ image: "127.0.0.1:9/nobody/nothing@sha256:".padEnd(98, "0") })).toMatchObject({
      reason: "image",
      detail: expect.stringMatching(/^The image could not be pulled: .*at 127.0.0.1:9. .*RUN_REGISTRY/s),
    })
    expect(await order({ gpus: 1 })).toMatchObject({
      reason: "capacity",
      detail: "Not enough free GPUs for cpu-small: it needs 1, and 0 are free.",
    })
    const broken = await importModel(daemon.api, "us-test-broken", ['CMD ["/nothing"]'])
    expect(await order({ image: broken })).toMatchObject({
      reason: "exit",
      detail: expect.stringContaining("The container could not be started: "),
    })
    const short = await importModel(daemon.api, "us-test-short", ['CMD ["/node", "-e", "process.exit(4)", "--"]'])
    expect(await order({ image: short })).toMatchObject({
      reason: "exit",
      detail: "The container ended by itself (exit code 4).",
    })
    expect(await containers()).toEqual([])
  }, 120_000)

  test.skipIf(!["ip", "iptables-restore"].every(onPath)).each(["nft", "iptables"].filter(onPath))(
    "with %s a model with the Internet reaches it, and neither this machine, nor its networks, nor its neighbours",
    async (firewall) => {
      const path = process.env.PATH
      if (firewall === "iptables") process.env.PATH = withoutNft()
      // The Internet is another network namespace here, with an unassigned address.
      const [away, outside] = [`us-${process.pid}`, "203.0.113.2"]
      const ip = (line: string) => execFileSync("ip", line.split(" "))
      const hub = createServer((socket) => socket.end("hub")).listen(0, "0.0.0.0")
      ip(`netns add ${away}`)
      ip(`link add ${away} type veth peer name out netns ${away}`)
      ip(`addr add 203.0.113.1/30 dev ${away}`)
      ip(`link set ${away} up`)
      for (const line of [
        "link set lo up",
        `addr add ${outside}/30 dev out`,
        "addr add 10.77.0.1/32 dev lo",
        "link set out up",
      ])
        ip(`-n ${away} ${line}`)
      ip(`route add 10.77.0.1/32 via ${outside}`)
      const server = `require("net").createServer((s) => s.end("far")).listen(8080)`
      const far = spawn("ip", ["netns", "exec", away, process.execPath, "-e", server], { stdio: "ignore" })
      try {
        await start()
        const instance = await ready({ ...hostile, egress: "internet" })
        const neighbour = await ready({ egress: "internet" })
        const name = (await containers()).find((name) => name.includes(neighbour))
        const { NetworkSettings } = await daemon.api.json("GET", `/containers${name}/json`)
        const [network] = Object.values(NetworkSettings.Networks) as [{ IPAddress: string; Gateway: string }]
        const { port: hubPort } = hub.address() as AddressInfo
        const own = Object.values(networkInterfaces()).flatMap((all) => all ?? [])
        const closed = [
          ...own
            .filter(({ family, internal }) => family === "IPv4" && !internal)
            .map(({ address }) => `${address}:${hubPort}`),
          `${network.IPAddress}:5000`,
          "10.77.0.1:8080",
          "169.254.169.254:80",
        ]
        const addresses = [`${outside}:8080`, ...closed]
        const { output } = (await end(await run(instance, { do: "knock", addresses }))) as any
        expect(output.found).toEqual({
          [`${outside}:8080`]: "open",
          ...Object.fromEntries(closed.map((address) => [address, "silent"])),
        })
        expect(await end(await run(neighbour, { text: "hello" }))).toMatchObject({ output: "hello" })
      } finally {
        process.env.PATH = path
        far.kill("SIGKILL")
        hub.close()
        ip(`netns del ${away}`)
        await forgetNetworks()
      }
    },
    90_000,
  )

  /** A PATH that lacks one program. */
  function withoutNft() {
    const folder = mkdtempSync(join(tmpdir(), "us-path-"))
    for (const program of ["ip", "iptables", "ip6tables", "iptables-restore", "nsenter", "prlimit"]) {
      const found = process.env.PATH!.split(":").find((folder) => existsSync(join(folder, program)))
      if (found) symlinkSync(join(found, program), join(folder, program))
    }
    return folder
  }

  /** What stays on a machine as long as an installation does. */
  async function forgetNetworks() {
    port.order({ stop: port.reports.at(-1)!.instances.map(({ id }) => ({ id, grace_ms: 0 })) })
    await until(() => port.reports.at(-1)?.instances.length === 0)
    const networks = await daemon.api.json<{ Name: string; IPAM: { Config: { Subnet: string }[] } }[]>(
      "GET",
      "/networks",
    )
    for (const { Name, IPAM } of networks.filter(({ Name }) => Name.startsWith("us-"))) {
      await daemon.api.json("DELETE", `/networks/${Name}`)
      spawnSync("nft", ["delete", "table", "inet", `understudy_${Name.slice(3)}`])
      for (const [chain, target] of [
        ["INPUT -i", `${Name}-in`],
        ["FORWARD -i", `${Name}-fwd`],
        ["FORWARD -o", `${Name}-fwd`],
      ])
        spawnSync("iptables", ["-D", ...`${chain} ${Name} -j ${target}`.split(" ")])
      for (const chain of [`${Name}-in`, `${Name}-fwd`]) {
        spawnSync("iptables", ["-F", chain])
        spawnSync("iptables", ["-X", chain])
      }
      for (const chain of ["INPUT", "FORWARD"]) spawnSync("ip6tables", ["-D", chain, "-i", Name, "-j", "DROP"])
      const masquerade = `POSTROUTING -s ${IPAM.Config[0]!.Subnet} ! -o ${Name} -j MASQUERADE`
      spawnSync("iptables", ["-t", "nat", "-D", ...masquerade.split(" ")])
    }
  }

  test("where only the engine's socket is at hand, the relay is a container beside the model", async () => {
    await start({ sidecar: true })
    const instance = await ready()
    expect((await containers()).length).toBe(2)
    expect(await end(await run(instance, { do: "file", size: 1_000_000 }))).toMatchObject({ status: "succeeded" })
    expect(port.outputs[0]).toMatchObject({ size: 1_000_000 })
    port.order({ stop: [{ id: instance, grace_ms: 0 }] })
    await gone(instance)
    expect(await containers()).toEqual([])
  }, 120_000)

  test("a server in a container, without any right but the engine's socket, runs models beside itself", async () => {
    const data = mkdtempSync(join(tmpdir(), "us-data-"))
    chownSync(data, 10001, 10001)
    const { Id } = await daemon.api.json("POST", "/containers/create", {
      query: { name: "server" },
      body: {
        Image: image,
        Cmd: ["/node", "--import", "tsx", "lib/test/inside-container.ts", image],
        Env: ["TSX_DISABLE_CACHE=1", "LOG_LEVEL=warn"],
        WorkingDir: "/app",
        User: "10001:10001",
        HostConfig: {
          Binds: [`${process.cwd()}:/app:ro`, `${daemon.socket}:/var/run/docker.sock`, `${data}:/data`],
          GroupAdd: [String(statSync(daemon.socket).gid)],
          NetworkMode: "none",
          CapDrop: ["ALL"],
          SecurityOpt: ["no-new-privileges"],
          ReadonlyRootfs: true,
          Tmpfs: { "/tmp": "mode=1777" },
        },
      },
    })
    await daemon.api.json("POST", `/containers/${Id}/start`)
    const { StatusCode } = await daemon.api.json("POST", `/containers/${Id}/wait`)
    let said = ""
    const logs = await daemon.api.stream("GET", `/containers/${Id}/logs`, { query: { stdout: true, stderr: true } })
    for await (const piece of unframed(logs)) said += piece
    expect([StatusCode, said]).toEqual([0, expect.stringContaining('"status":"succeeded"')])
    expect(JSON.parse(said.trim().split("\n").at(-1)!)).toMatchObject({
      uid: 10001,
      end: { status: "succeeded", output: "https://hub.test/files/1/picture.png" },
      outputs: [{ size: 300_000 }],
      internet: { reason: "exit", detail: expect.stringContaining("Models have no Internet access on this machine") },
    })
    const networks = await daemon.api.json<{ Name: string }[]>("GET", "/networks")
    for (const { Name } of networks.filter(({ Name }) => Name.startsWith("us-")))
      await daemon.api.json("DELETE", `/networks/${Name}`)
    expect(await containers()).toEqual(["/server"])
    await daemon.api.json("DELETE", `/containers/${Id}`)
    rmSync(data, { recursive: true, force: true })
  }, 120_000)
})

const hostile = { env: { MORE_DEEDS: "/src/hostile.mjs" } }
function onPath(program: string) {
  return process.env.PATH!.split(":").some((folder) => existsSync(join(folder, program)))
}
