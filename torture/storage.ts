import { execFileSync } from "node:child_process"
import {
  chmodSync,
  chownSync,
  closeSync,
  cpSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  writeSync,
} from "node:fs"
import path from "node:path"
import Database from "better-sqlite3"

import { aModel, client, percentile, sleep, tally, type Answer } from "./client"
import { aFolder, anInstallation, serve, type Running } from "./installation"
import { CannotTry, found, type Finding, type Trial } from "./trial"

type Fault = {
  /** The expected response to a write meanwhile. */
  status: number
  begin(folder: string): void | Promise<void>
  mend(folder: string): void | Promise<void>
}

/**
 * During the fault, writes are rejected as documented and reads keep working; afterwards, writes succeed, all in the
 * same process.
 */
async function through(server: Running, folder: string, token: string, fault: Fault): Promise<Finding> {
  const ask = client(server.url, token, 8)
  const write = (name: string) => ask("POST", "/v1/models", { body: aModel("alice", name) })
  const before = await write("before").catch(() => undefined)
  await fault.begin(folder)
  const writing = Promise.all(Array.from({ length: 4 }, (_, n) => write(`during-${n}`)))
  const reads: Answer[] = []
  for (let n = 0; n < 40; n++) {
    reads.push(await ask("GET", "/v1/models?n=1"), await ask("GET", "/v1/account"))
    await sleep(5)
  }
  const writes = await writing
  reads.push(await ask("GET", "/v1/models"))
  await fault.mend(folder)
  const after = await write("after")
  const again = await ask("GET", "/v1/models/alice/after")
  ask.end()
  const readStatus = tally(reads.map(({ status }) => status))
  return found(
    `writes ${tally(writes.map(({ status }) => status))}, reads ${readStatus} (p99 ${percentile(
      reads.map(({ ms }) => ms),
      0.99,
    ).toFixed(0)} ms), afterwards ${after.status}`,
    {
      "a write was answered otherwise": writes.some(({ status }) => status !== fault.status),
      "no problem document": writes.some(
        ({ headers, text }) =>
          headers["content-type"] !== "application/problem+json" || /\bat \w+|\/tmp|\.mjs|\.ts\b/.test(text),
      ),
      "no Retry-After": writes.some(({ headers }) => !headers["retry-after"]),
      "reads stopped": readStatus !== `200 ×${reads.length}`,
      "no recovery": after.status !== 201 || again.status !== 200,
      "it did not work before": before?.status !== 201 && fault.status !== 503,
    },
  )
}

export const asRoot = () => {
  if (process.getuid?.() !== 0) throw new CannotTry("needs root")
}

/** A disk of this many bytes; the caller has to `umount -l` it. */
export function mountTmpfs(folder: string, size: string) {
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", `size=${size}`, "understudy-torture", folder], { stdio: "ignore" })
  } catch {
    throw new CannotTry("nothing can be mounted here")
  }
}

/** Uses up the remaining space of a disk. */
export function fillDisk(ballast: string) {
  const file = openSync(ballast, "w")
  const block = Buffer.alloc(4096)
  try {
    for (;;) writeSync(file, block)
  } catch {
    closeSync(file)
  }
}

const full: Trial = {
  name: "disk full",
  async run() {
    asRoot()
    const { folder: source, alice } = await anInstallation()
    const folder = aFolder()
    mountTmpfs(folder, "6m")
    try {
      cpSync(source, folder, { recursive: true })
      const server = await serve(folder)
      const finding = await through(server, folder, alice.token, {
        status: 507,
        async begin() {
          fillDisk(path.join(folder, "ballast"))
          // The write-ahead log still has space in its file, which is used up before the full disk matters.
          const ask = client(server.url, alice.token, 1)
          for (let n = 0; n < 5000; n++)
            if (
              (
                await ask("POST", "/v1/models", {
                  body: aModel("alice", `fill-${n}`, { description: "x".repeat(500) }),
                })
              ).status !== 201
            )
              break
          ask.end()
        },
        mend: () => rmSync(path.join(folder, "ballast")),
      })
      await server.stop()
      return finding
    } finally {
      execFileSync("umount", ["-l", folder])
    }
  },
}

const locked: Trial = {
  name: "locked by another process",
  async run({ lockSeconds }) {
    const { folder, alice } = await anInstallation()
    const server = await serve(folder)
    let holder: Database.Database | undefined
    const began = { at: 0 }
    const finding = await through(server, folder, alice.token, {
      status: 503,
      begin() {
        holder = new Database(path.join(folder, "understudy.db"))
        holder.exec("BEGIN IMMEDIATE")
        began.at = performance.now()
      },
      async mend() {
        await sleep(Math.max(0, lockSeconds * 1000 - (performance.now() - began.at)))
        holder!.exec("ROLLBACK")
        holder!.close()
      },
    })
    await server.stop()
    return { ...finding, figure: `${lockSeconds} s: ${finding.figure}` }
  },
}

const missing: Trial = {
  name: "data folder gone",
  async run() {
    const { folder, alice } = await anInstallation()
    const server = await serve(folder)
    let remade = false
    const finding = await through(server, folder, alice.token, {
      status: 503,
      begin: () => renameSync(folder, `${folder}-away`),
      mend() {
        remade = existsSync(folder)
        // Anything in its place would prevent mounting the volume; it is moved aside so that the trial can continue.
        if (remade) renameSync(folder, `${folder}-remade`)
        renameSync(`${folder}-away`, folder)
      },
    })
    await server.stop()
    return found(finding.figure, { "it was not as promised": !finding.ok, "the folder was made again": remade })
  },
}

/** The Unix user nobody. */
const nobody = 65534

const readOnly: Trial = {
  name: "database read-only",
  async run() {
    asRoot()
    const { folder, alice } = await anInstallation()
    // A folder that other users than root can access.
    const reachable = `/tmp/understudy-torture-${process.pid}`
    mkdirSync(reachable, { mode: 0o755 })
    try {
      cpSync(folder, reachable, { recursive: true })
      const own = () =>
        [reachable, ...readdirSync(reachable).map((name) => path.join(reachable, name))].forEach((name) =>
          chownSync(name, nobody, nobody),
        )
      own()
      const first = await serve(reachable, { uid: nobody })
      // The power fails, and the disk comes back read-only.
      await first.stop("SIGKILL")
      const files = readdirSync(reachable).filter((name) => name.startsWith("understudy.db"))
      const permit = (mode: number) => files.forEach((name) => chmodSync(path.join(reachable, name), mode))
      permit(0o444)
      const server = await serve(reachable, { uid: nobody })
      const finding = await through(server, reachable, alice.token, {
        status: 503,
        begin() {},
        mend: () => permit(0o644),
      })
      await server.stop()
      return finding
    } finally {
      rmSync(reachable, { recursive: true, force: true })
    }
  },
}

export const storage = [full, readOnly, missing, locked]
