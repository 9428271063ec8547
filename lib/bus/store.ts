import { databaseHandle } from "@/db"
import { dialect } from "@/db/kit"

/** Whether other processes may use the same database. */
export const isShared = dialect === "pg"

const channel = "understudy"

/** Notifies every listening process, including this one, in order. Each text has less than 8,000 bytes. */
export async function notify(texts: string[]): Promise<void> {
  await databaseHandle()
    .pg!`select pg_notify(${channel}, value) from json_array_elements_text(${JSON.stringify(texts)}::text::json)`
}

/**
 * Calls `take` with every later message of any process, on a dedicated connection that reconnects; `onListening` is
 * called after every connect, including the first. The returned function disconnects.
 */
export async function listen(take: (text: string) => void, onListening: () => void): Promise<() => Promise<void>> {
  const { unlisten } = await databaseHandle().pg!.listen(channel, take, onListening)
  return unlisten
}
