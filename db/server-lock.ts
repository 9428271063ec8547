import "server-only"

import { mkdirSync } from "node:fs"
import path from "node:path"
import Database from "better-sqlite3"

import { env } from "@/env"
import { dialect } from "./kit"

const key = Symbol.for("understudy.server-lock")
const slot = globalThis as typeof globalThis & { [key]?: Database.Database }

/**
 * Sees to it that one server at a time uses a SQLite database, because the other would not know what this one keeps in memory, such as who
 * writes to which upload. One that is about to stop is waited for. Throws when it does not. The answer lets the next one in.
 */
export async function acquireServerLock(patience = 25_000): Promise<() => void> {
  if (dialect === "sqlite") slot[key] ??= await locked(path.resolve(env.DATA_DIR), patience)
  return () => {
    slot[key]?.close()
    delete slot[key]
  }
}

/** The lock is a database of its own, because a process that is killed lets go of it. */
async function locked(folder: string, patience: number): Promise<Database.Database | undefined> {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const began = performance.now()
  for (let said = false; ;) {
    const lock = open(path.join(folder, "server.lock"))
    try {
      lock?.exec("BEGIN EXCLUSIVE")
      return lock
    } catch (error) {
      lock?.close()
      if (!(error as { code?: string }).code?.startsWith("SQLITE_BUSY")) return undefined
    }
    const waited = performance.now() - began
    if (waited > patience)
      throw new Error(
        `another server uses ${folder}. Stop it, or set DATA_DIR to another folder; several servers share a PostgreSQL database (docs/scaling.md).`,
      )
    if (waited > 1000 && !said) {
      said = true
      console.error(`Another server uses ${folder}. Waiting for it to stop …`)
    }
    await new Promise((resume) => setTimeout(resume, Math.min(100, patience)))
  }
}

/** A folder that may only be read cannot be locked, and is still worth reading. */
function open(file: string): Database.Database | undefined {
  try {
    return new Database(file, { timeout: 0 })
  } catch {
    return undefined
  }
}
