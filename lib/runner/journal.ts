import { closeSync, ftruncateSync, openSync, readFileSync, writeFileSync } from "node:fs"

import { replaceFileSync } from "@/db/atomic-file"
import { log } from "@/lib/log"
import type { SavedRun } from "./run"

/** A record: the newest state of a run, or that it is over. */
type Entry = SavedRun | { over: string }

/** The journal is rewritten when it is larger than this and mostly outdated. */
const tolerated = 1024 * 1024

/**
 * The runs of an instance in one file, for resuming after a restart. Records are appended, because that costs a tenth
 * of replacing a file for each run; the last one of a run counts.
 */
export class RunJournal {
  #file: number | undefined
  #size = 0
  /** The last record of each run that is not over. */
  readonly #records = new Map<string, string>()

  constructor(private readonly path: string) {}

  /** The runs that were not over when the process ended. */
  read(): SavedRun[] {
    const runs = new Map<string, SavedRun>()
    for (const line of contentOf(this.path).split("\n")) {
      const entry = entryIn(line)
      if (entry && "over" in entry) runs.delete(entry.over)
      else if (entry) runs.set(entry.order.id, entry)
    }
    for (const [id, run] of runs) this.#records.set(id, recordOf(run))
    return [...runs.values()]
  }

  /** Throws if it cannot be written. */
  save(run: SavedRun): void {
    const record = recordOf(run)
    this.#append(record)
    this.#records.set(run.order.id, record)
  }

  /** A run that stays in the journal is only reported once more after a restart. */
  forget(id: string): void {
    this.#records.delete(id)
    try {
      if (this.#records.size === 0) this.#clear()
      else this.#append(recordOf({ over: id }))
      if (this.#size > tolerated && this.#size > 2 * this.#needed()) this.#rewrite()
    } catch (error) {
      log("warn", "a finished prediction stays in its journal", { error, prediction: id })
    }
  }

  close(): void {
    if (this.#file !== undefined) closeSync(this.#file)
    this.#file = undefined
  }

  #open(): number {
    return (this.#file ??= openSync(this.path, "a", 0o600))
  }

  #append(record: string) {
    writeFileSync(this.#open(), record)
    this.#size += record.length
  }

  #clear() {
    ftruncateSync(this.#open(), 0)
    this.#size = 0
  }

  #needed() {
    return [...this.#records.values()].reduce((sum, { length }) => sum + length, 0)
  }

  #rewrite() {
    this.close()
    replaceFileSync(this.path, [...this.#records.values()].join(""))
    this.#size = this.#needed()
  }
}

/** The line break comes first, so that a record after a broken one can be read. */
const recordOf = (entry: Entry): string => `\n${JSON.stringify(entry)}`

function contentOf(path: string): string {
  try {
    return readFileSync(path, "utf8")
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return ""
    throw error
  }
}

/** Undefined for a record of which the process wrote only a part, on a full disk or before it was killed. */
function entryIn(line: string): Entry | undefined {
  try {
    return JSON.parse(line) as Entry
  } catch {
    return undefined
  }
}
