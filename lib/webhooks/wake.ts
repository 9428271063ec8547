import { AsyncResource } from "node:async_hooks"

const key = Symbol.for("understudy.webhooks.wake")
const slot = globalThis as typeof globalThis & { [key]?: Set<() => void> }
const listeners = () => (slot[key] ??= new Set())

/**
 * Milliseconds until a transaction has usually committed. If it takes longer, the sender's polling finds the delivery.
 */
const commitTime = 5

/** Wakes the webhook sender of this process. */
export function wakeSender(): void {
  setTimeout(() => listeners().forEach((wake) => wake()), commitTime).unref()
}

/**
 * Registers `wake`, bound to the current async context, because callers are inside a transaction. Returns a function
 * that unregisters it.
 */
export function onWake(wake: () => void): () => void {
  const bound = AsyncResource.bind(wake)
  listeners().add(bound)
  return () => void listeners().delete(bound)
}
