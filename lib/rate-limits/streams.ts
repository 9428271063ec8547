import { problem } from "@/lib/problem"

/**
 * The limits of open event streams: per process, network, signed-in account, and account whose predictions are watched.
 */
const most = { all: 10_000, network: 2000, account: 50, watched: 1000 }

type Open = Map<string, number>
const key = Symbol.for("understudy.streams")
const slot = globalThis as typeof globalThis & { [key]?: Open }
const open = (): Open => (slot[key] ??= new Map())

/** Reserves a slot for an event stream; the returned function releases it. Throws `throttled` if none is left. */
export function reserveStream({ network, account }: { network: string; account?: number }): () => void {
  return reserve([
    ["all", most.all],
    [`network ${network}`, most.network],
    ...(account === undefined ? [] : [[`account ${account}`, most.account] as [string, number]]),
  ])
}

/**
 * Reserves one of an account's slots for streams of its predictions, which anybody with the URL may open. Throws
 * `throttled` if none is left.
 */
export const reserveAccountStream = (owner_id: number): (() => void) => reserve([[`watched ${owner_id}`, most.watched]])

function reserve(counted: [name: string, most: number][]): () => void {
  const counts = open()
  if (counted.some(([name, most]) => (counts.get(name) ?? 0) >= most))
    throw problem("throttled", "Too many event streams are open. Close some first.", {}, 10)
  for (const [name] of counted) counts.set(name, (counts.get(name) ?? 0) + 1)

  let given = false
  return () => {
    if (given) return
    given = true
    for (const [name] of counted) {
      const left = counts.get(name)! - 1
      if (left > 0) counts.set(name, left)
      else counts.delete(name)
    }
  }
}
