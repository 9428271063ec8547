/**
 * An account's transfers in this process: bytes reserved but not in the database yet, and bytes recorded there since
 * the first of these transfers began.
 */
type Account = { pending: number; recorded: number; open: number }

const key = Symbol.for("understudy.room")
const slot = globalThis as typeof globalThis & { [key]?: Map<number, Account> }
const accounts = (): Map<number, Account> => (slot[key] ??= new Map())

/** A reservation of quota for a transfer in progress, so that parallel streams do not each claim the same space. */
export type StorageReservation = {
  /** Counts received bytes, and reserves those beyond the expected ones. False if the quota does not allow it. */
  grow(bytes: number): boolean
  /** Releases the reservation; `recorded` bytes are in the database now. Idempotent. */
  end(recorded: number): void
}

/**
 * Reserves `expected` bytes of quota for an account. `findLeft` returns its remaining quota according to the database.
 * Null if other transfers leave too little.
 */
export async function reserveStorage(
  owner_id: number,
  expected: number,
  findLeft: () => Promise<number>,
): Promise<StorageReservation | null> {
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
