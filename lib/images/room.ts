/** Bytes of an account that are on their way in this process: expected ones that no row tells of yet, and those that were written down since it began to count. */
type Account = { pending: number; recorded: number; open: number }

const key = Symbol.for("understudy.room")
const slot = globalThis as typeof globalThis & { [key]?: Map<number, Account> }
const accounts = (): Map<number, Account> => (slot[key] ??= new Map())

/** Room that is kept for bytes on their way, so that many streams at once do not each take the same. */
export type Room = {
  /** Counts more of what was not expected. False when there is no room for it. */
  grow(bytes: number): boolean
  /** Gives the room back, when so many bytes are written down, or none. A second time it does nothing. */
  end(recorded: number): void
}

/**
 * Keeps room for `expected` bytes of an account. `findLeft` says how many it may still hold, by what is written down. Null when that is less, with
 * what else is on its way.
 */
export async function reserveRoom(
  owner_id: number,
  expected: number,
  findLeft: () => Promise<number>,
): Promise<Room | null> {
  const account = accounts().get(owner_id) ?? { pending: 0, recorded: 0, open: 0 }
  accounts().set(owner_id, account)
  account.open++
  const before = account.recorded
  const close = () => {
    if (--account.open === 0) accounts().delete(owner_id)
  }
  let left: number
  try {
    left = await findLeft()
  } catch (error) {
    close()
    throw error
  }

  let [mine, unused, ended] = [0, expected, false]
  const take = (bytes: number) => {
    if (account.pending + (account.recorded - before) + bytes > left) return false
    account.pending += bytes
    mine += bytes
    return true
  }
  if (!take(expected)) {
    close()
    return null
  }
  return {
    grow(bytes) {
      const covered = Math.min(unused, bytes)
      unused -= covered
      return take(bytes - covered)
    },
    end(recorded) {
      if (ended) return
      ended = true
      account.pending -= mine
      account.recorded += recorded
      mine = 0
      close()
    },
  }
}
