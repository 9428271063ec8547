import { engine } from "@/db"
import { dialect } from "@/db/kit"

/** Whether other machines may take pushes to the same models. */
export const isShared = dialect === "pg"

const channel = "understudy_pushes"

/** Says something to every machine that listens, this one included. At most 8,000 bytes. */
export async function tellMachines(text: string): Promise<void> {
  await engine().pg!.notify(channel, text)
}

/** Calls `take` with what any machine says from now on, on a connection of its own that comes back when it is cut. The answer ends it. */
export async function hearMachines(take: (text: string) => void): Promise<() => Promise<void>> {
  const { unlisten } = await engine().pg!.listen(channel, take)
  return unlisten
}
