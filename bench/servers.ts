import { spawn, type ChildProcess } from "node:child_process"
import { readFileSync } from "node:fs"

import { freePort } from "@/scripts/postgres.mjs"
import { serverFlags } from "@/scripts/server-flags.mjs"

const children = new Set<ChildProcess>()
process.once("exit", () => {
  for (const child of children) child.kill("SIGKILL")
})

export type Server = {
  name: string
  url: string
  pid: number
  startSeconds: number
  idleMegabytes: number
  stop(): Promise<void>
}

/** What main.ts gives to each part of the bench. */
export type Setting = {
  /** The folder for data folders. */
  folders: string
  /** Creates a database with models in a data folder, and returns a token. */
  fill(folder: string, models: number): Promise<string>
  /** The settings of a server without limits. */
  unlimited: Record<string, string>
  seconds: number
  rounds: number
  warmUp: number
  /** Of signed-in accounts, known once a database is filled. */
  cookies: string[]
}

/** Starts a server of the bench and waits until it prints `ready`. */
export async function start(
  name: string,
  args: string[],
  settings: Record<string, string>,
  ready: string,
): Promise<Server> {
  const port = await freePort()
  const began = performance.now()
  const flags = args[0] === "server.mjs" ? serverFlags : []
  const child = spawn(process.execPath, [...flags, ...args], {
    stdio: ["ignore", "pipe", "inherit"],
    env: {
      PATH: process.env.PATH,
      NODE_ENV: "production",
      NEXT_TELEMETRY_DISABLED: "1",
      HOST: "127.0.0.1",
      PORT: String(port),
      ...settings,
    } as unknown as NodeJS.ProcessEnv,
  })
  children.add(child)
  const ended = new Promise<void>((resolve) => child.once("close", () => (children.delete(child), resolve())))
  await new Promise<void>((resolve, reject) => {
    child.stdout!.setEncoding("utf8").on("data", (text) => text.includes(ready) && resolve())
    child.once("close", () => reject(new Error(`${name} ended before it was ready`)))
  })
  const startSeconds = (performance.now() - began) / 1000
  await new Promise((resume) => setTimeout(resume, 1000))
  return {
    name,
    url: `http://127.0.0.1:${port}`,
    pid: child.pid!,
    startSeconds,
    idleMegabytes: megabytesOf(child.pid!),
    stop() {
      child.kill("SIGTERM")
      return ended
    },
  }
}

const statusOf = (pid: number) => readFileSync(`/proc/${pid}/status`, "utf8")
export const megabytesOf = (pid: number) => Number(/VmRSS:\s+(\d+)/.exec(statusOf(pid))?.[1]) / 1000
/** The CPU seconds of a process so far; the kernel counts in hundredths. */
export function cpuSecondsOf(pid: number) {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]!.split(" ")
  return (Number(fields[11]) + Number(fields[12])) / 100
}

/** Prints a table. */
export function print(head: string[], table: string[][]) {
  const widths = head.map((title, n) => Math.max(...[title, ...table.map((row) => row[n]!)].map((cell) => cell.length)))
  const line = (cells: string[]) => console.log(`| ${cells.map((cell, n) => cell.padEnd(widths[n]!)).join(" | ")} |`)
  line(head)
  line(widths.map((width) => "-".repeat(width)))
  for (const row of table) line(row)
}

export const whole = (value: number) => Math.round(value).toLocaleString("en-US")
