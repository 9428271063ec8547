// What a malicious container tries. Each function returns what it got, so that a test can expect nothing.
import { spawn } from "node:child_process"
import { existsSync, readdirSync, readFileSync, writeFileSync, appendFileSync } from "node:fs"
import { connect } from "node:net"
import { networkInterfaces } from "node:os"

const reach = (host, port, timeout = 3_000) =>
  new Promise((resolve) => {
    const socket = connect({ host, port, timeout })
    socket.once("connect", () => resolve("open"))
    socket.once("timeout", () => resolve("silent"))
    socket.once("error", ({ code }) => resolve(code))
    socket.once("close", () => resolve("closed")).on("connect", () => socket.destroy())
    socket.on("timeout", () => socket.destroy())
  })

const tryTo = (work) => {
  try {
    return String(work()).slice(0, 300)
  } catch (error) {
    return error.code ?? error.message
  }
}

export default {
  /** Tries to connect to every given address. */
  async knock(state, { addresses }) {
    const found = {}
    await Promise.all(
      addresses.map(async (address) => {
        const [host, port] = address.split(":")
        found[address] = await reach(host, Number(port))
      }),
    )
    return { found, interfaces: Object.keys(networkInterfaces()) }
  },
  /** Reports its environment, privileges, mounts, and what it can write. */
  async look() {
    const status = readFileSync("/proc/self/status", "utf8")
    const field = (name) => new RegExp(`^${name}:\\s*(.*)$`, "m").exec(status)?.[1]
    return {
      env: Object.keys(process.env).toSorted(),
      capabilities: field("CapEff"),
      bounding: field("CapBnd"),
      newPrivileges: field("NoNewPrivs"),
      seccomp: field("Seccomp"),
      processes: readdirSync("/proc").filter((name) => /^\d+$/.test(name)).length,
      root: readdirSync("/").toSorted(),
      mounts: readFileSync("/proc/self/mounts", "utf8")
        .split("\n")
        .map((line) => line.split(" ")[1])
        .filter(Boolean),
      docker: existsSync("/var/run/docker.sock"),
      tmp: tryTo(() => writeFileSync("/tmp/mine", "mine") ?? "written"),
      src: tryTo(() => writeFileSync("/src/mine", "mine") ?? "written"),
      sysrq: tryTo(() => writeFileSync("/proc/sysrq-trigger", "h") ?? "written"),
      kernel: tryTo(() => writeFileSync("/proc/sys/kernel/hostname", "mine") ?? "written"),
      disk: tryTo(() => readFileSync("/dev/vda") && "read"),
    }
  },
  /** Starts as many processes as it can. */
  async bomb() {
    const children = []
    let failed
    for (let n = 0; n < 5_000 && !failed; n++) {
      const child = spawn("/node", ["-e", "setTimeout(() => {}, 60000)"], { stdio: "ignore" })
      child.once("error", (error) => (failed = error.code))
      children.push(child)
      if (n % 20 === 0) await new Promise((resolve) => setTimeout(resolve, 5))
    }
    for (const child of children) child.kill("SIGKILL")
    return { started: children.length, failed: failed ?? null }
  },
  /** Writes until it cannot. */
  async fill(state, { mb = 1_000 }) {
    const block = Buffer.alloc(10e6, 1)
    for (let written = 0; written < mb; written += 10) {
      appendFileSync("/src/heap", block)
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    return "filled"
  },
  /** Sends callbacks for a prediction of another instance. */
  async impersonate(state, { prediction }) {
    const body = JSON.stringify({ id: prediction, status: "succeeded", output: "stolen" })
    const call = async (method, path, body) =>
      fetch(`http://127.0.0.1:9000${path}`, body ? { method, body } : {}).then(
        ({ status }) => status,
        ({ message }) => message,
      )
    return {
      webhook: await call("POST", `/webhook/${prediction}`, body),
      input: await call("GET", `/input/${prediction}/file:1/in.png`),
      upload: await call("PUT", `/upload/../../etc/passwd`, "mine"),
      other: await call("GET", "/v1/models"),
    }
  },
  /** Exceeds the limits of logs, output, and nesting. */
  async shout(state, { what }) {
    if (what === "logs") state.logs = "x".repeat(50e6)
    if (what === "depth") return JSON.parse("[".repeat(500) + "]".repeat(500))
    if (what === "output") return "x".repeat(40e6)
    return "said"
  },
}
