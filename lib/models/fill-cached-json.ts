import type { Job } from "@/lib/jobs/job"
import { fillCachedJson } from "./cached-json-store"

const together = 200
/** Between two of them, so that whoever waits to write has a turn: in milliseconds. */
const pause = 50

/** Writes down the public JSON of the models that have none yet, as after a migration that emptied it. Ends when there are none left. */
async function fillMissingCachedJson(signal: AbortSignal): Promise<void> {
  while (!signal.aborted && (await fillCachedJson(together))) await new Promise((resume) => setTimeout(resume, pause))
}

/** At every start, because it may be the first one after such a migration. */
export const cachedJsonJob: Job = {
  name: "cached-json",
  every: 24 * 3600,
  by: "instance",
  atStart: true,
  run: fillMissingCachedJson,
}
