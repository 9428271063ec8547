import { spawn, type ChildProcess } from "node:child_process"
import { cpSync, mkdirSync, rmSync } from "node:fs"
import path from "node:path"

import { freePort } from "@/scripts/postgres.mjs"
import { temporaryFolder } from "@/scripts/temporary-folder.mjs"

const folders = temporaryFolder("torture")
let count = 0

/** A folder that is removed when this process ends. */
export function aFolder(): string {
  const folder = path.join(folders, String(count++))
  mkdirSync(folder)
  return folder
}

export type Account = { username: string; token: string }

let prepared: { folder: string; alice: Account; bob: Account } | undefined

/** A data folder with two accounts, created once and then copied. */
export async function anInstallation(): Promise<{ folder: string; alice: Account; bob: Account }> {
  prepared ??= await prepare()
  const folder = aFolder()
  cpSync(prepared.folder, folder, { recursive: true })
  return { ...prepared, folder }
}

async function prepare() {
  const folder = aFolder()
  const [alice, bob] = await withAccounts(folder, ["alice", "bob"])
  return { folder, alice: alice!, bob: bob! }
}

/** More accounts in a data folder that no server uses yet. */
export const addAccounts = (folder: string, count: number): Promise<Account[]> =>
  withAccounts(
    folder,
    Array.from({ length: count }, (_, n) => `account-${n}`),
  )

async function withAccounts(folder: string, names: string[]): Promise<Account[]> {
  const { env } = await import("@/env")
  const { closeDatabase } = await import("@/db")
  const { migrateDatabase } = await import("@/db/migrate")
  const { actorFor, addUser } = await import("@/lib/owners/owner")
  const { issueToken } = await import("@/lib/tokens/token")
  env.DATA_DIR = folder
  await migrateDatabase()
  const accounts: Account[] = []
  for (const username of names) {
    const owner = await addUser({ username, password: "correct horse battery" })
    accounts.push({ username, token: (await issueToken(actorFor(owner, "cli"), { name: "torture" })).secret })
  }
  await closeDatabase()
  return accounts
}

export type Running = {
  url: string
  child: ChildProcess
  startSeconds: number
  log(): string
  stop(signal?: NodeJS.Signals): Promise<number | null>
}

const running = new Set<ChildProcess>()
process.once("exit", () => {
  for (const child of running) child.kill("SIGKILL")
})

type Options = { env?: Record<string, string>; uid?: number; port?: number; /** Options of Node. */ node?: string[] }

/** Starts the production server on a data folder. Rejects if it ends before it is ready. */
export async function serve(folder: string, options: Options = {}): Promise<Running> {
  const { child, ready, log, port, ended } = await launch(folder, options)
  return {
    url: `http://127.0.0.1:${port}`,
    child,
    log,
    startSeconds: await ready,
    async stop(signal = "SIGTERM") {
      child.kill(signal)
      return ended
    },
  }
}

/** Starts a server without waiting for it. */
export async function launch(folder: string, { env = {}, uid, port, node = [] }: Options = {}) {
  const chosen = port ?? (await freePort())
  const began = performance.now()
  const child = spawn(process.execPath, [...node, "server.mjs"], {
    stdio: ["ignore", "pipe", "pipe"],
    uid,
    gid: uid,
    env: {
      PATH: process.env.PATH,
      NODE_ENV: "production",
      DATA_DIR: folder,
      PORT: String(chosen),
      HOST: "127.0.0.1",
      DATABASE_URL: "",
      RUN_BUNDLED: "off",
      RATE_LIMIT_PER_MINUTE: "0",
      ANONYMOUS_RATE_LIMIT_PER_MINUTE: "0",
      MODELS_PER_ACCOUNT: "1000000000",
      LOG_LEVEL: "warn",
      NEXT_TELEMETRY_DISABLED: "1",
      ...env,
    } as unknown as NodeJS.ProcessEnv,
  })
  running.add(child)
  let log = ""
  const ended = new Promise<number | null>((resolve) =>
    child.once("close", (code) => (running.delete(child), resolve(code))),
  )
  const ready = new Promise<number>((resolve, reject) => {
    child.stdout!.setEncoding("utf8").on("data", (text) => {
      log += text
      if (log.includes("is ready at")) resolve((performance.now() - began) / 1000)
    })
    child.stderr!.setEncoding("utf8").on("data", (text) => (log += text))
    void ended.then(() => reject(new Error(`The server ended before it was ready.\n${log}`)))
  })
  ready.catch(() => {})
  return { child, ready, ended, port: chosen, log: () => log }
}

export const forget = (folder: string) => rmSync(folder, { recursive: true, force: true })
