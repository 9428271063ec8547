import { fillCachedJson } from "./cached-json-store"

const together = 200
/** Between two of them, so that whoever waits to write has a turn: in milliseconds. */
const pause = 50

/** Writes down the public JSON of the models that have none yet, as after a migration that emptied it. Ends when there are none left. */
export async function fillMissingCachedJson(): Promise<void> {
  while (await fillCachedJson(together)) await new Promise((resume) => setTimeout(resume, pause))
}
