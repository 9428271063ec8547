import "server-only"

import path from "node:path"
import Database from "better-sqlite3"

import { env } from "@/env"
import { makeFolderSync } from "./data-folder"
import { dialect } from "./kit"

const key = Symbol.for("understudy.server-lock")
const slot = globalThis as typeof globalThis & { [key]?: Database.Database }

/**
 * Ensures that only one server at a time uses a SQLite database, because others would not know what it keeps in memory,
 * such as upload locks. Waits for a server that is stopping; throws if it does not stop. The returned function releases
 * the lock.
 */
export async function acquireServerLock(patience = 25_000): Promise<() => void> {
  if (dialect === "sqlite") slot[key] ??= await locked(path.resolve(env.DATA_DIR), patience)
  return () => {
    slot[key]?.close()
    delete slot[key]
  }
}

/** The lock is a database, because it is released when the process is killed. */
async function locked(folder: string, patience: number): Promise<Database.Database | undefined> {
  makeFolderSync(folder)
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

/** A read-only folder cannot be locked, but can still be read. */
function open(file: string): Database.Database | undefined {
  try {
    return new Database(file, { timeout: 0 })
  } catch {
    return undefined
  }
}
