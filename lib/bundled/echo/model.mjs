// Echoes its input. For trying out clients, streams, webhooks and failures: free and fully predictable.
import { setTimeout as sleep } from "node:timers/promises"
import { ModelError } from "../server/error.mjs"

export * from "./schema.mjs"

/** @param {any} input */
export async function* predict({ text, delay, repeat, fail, log: logs, ...others }, { signal, log }) {
  if (logs)
    for (const [name, value] of Object.entries(others)) if (value !== null) log(`${name}: ${shown(name, value)}`)
  const words = text.match(/\s*\S+|\s+$/g) ?? []
  for (let time = 1; time <= repeat; time++)
    for (const word of words) {
      if (delay > 0) await sleep(delay * 1000, undefined, { signal })
      if (logs) log(`${time}/${repeat} ${word.trim()}`)
      yield word
    }
  if (fail) throw new ModelError(fail)
}

const shown = (name, value) => {
  if (name === "secret") return "**********"
  return value instanceof File ? told(value) : JSON.stringify(Array.isArray(value) ? value.map(told) : value)
}
const told = (value) => (value instanceof File ? `${value.name} (${value.type}, ${value.size} bytes)` : value)
