import { engine } from "@/db"
import { dialect } from "@/db/kit"

/** Whether other processes may use the same database. */
export const isShared = dialect === "pg"

const channel = "understudy"

/** Tells every process that listens, this one included, in the order given. Each text has less than 8,000 bytes. */
export async function notify(texts: string[]): Promise<void> {
  await engine()
    .pg!`select pg_notify(${channel}, value) from json_array_elements_text(${JSON.stringify(texts)}::text::json)`
}

/**
 * Calls `take` with what any process says from now on, on a connection of its own that comes back when it is cut; `onListening` whenever it
 * listens, the first time included. The answer ends it.
 */
export async function listen(take: (text: string) => void, onListening: () => void): Promise<() => Promise<void>> {
  const { unlisten } = await engine().pg!.listen(channel, take, onListening)
  return unlisten
}
