import type { Job } from "@/lib/jobs/job"
import { fillCachedJson } from "./cached-json-store"

const together = 200
/** A pause in milliseconds, so that other writes get their turn. */
const pause = 50

/** Builds the missing cached JSON of models, as after a migration that emptied it. */
async function fillMissingCachedJson(signal: AbortSignal): Promise<void> {
  while (!signal.aborted && (await fillCachedJson(together))) await new Promise((resume) => setTimeout(resume, pause))
}

/** At every start, because it may be the first after such a migration. */
export const cachedJsonJob: Job = {
  name: "cached-json",
  every: 24 * 3600,
  by: "installation",
  atStart: true,
  run: fillMissingCachedJson,
}
