import { AsyncResource } from "node:async_hooks"

const key = Symbol.for("understudy.webhooks.wake")
const slot = globalThis as typeof globalThis & { [key]?: Set<() => void> }
const listeners = () => (slot[key] ??= new Set())

/** Milliseconds after which a transaction that owes something has usually committed. Where it has not, the sender looks by itself soon. */
const commitTime = 5

/** Has whoever sends webhooks in this process look for one. */
export function wakeSender(): void {
  setTimeout(() => listeners().forEach((wake) => wake()), commitTime).unref()
}

/** Calls `wake` from here on, as if from here: whoever wakes it is in the middle of a transaction. The answer ends it. */
export function onWake(wake: () => void): () => void {
  const bound = AsyncResource.bind(wake)
  listeners().add(bound)
  return () => void listeners().delete(bound)
}
