import { EventEmitter, on } from "node:events"
import type { EngineEvent } from "./engine"

/** Broadcasts an engine's events to all watchers. */
export function engineEvents() {
  const emitter = new EventEmitter().setMaxListeners(0)
  return {
    tell: (event: EngineEvent) => void emitter.emit("event", event),
    async *watch(signal: AbortSignal): AsyncIterable<EngineEvent> {
      try {
        for await (const [event] of on(emitter, "event", { signal })) yield event as EngineEvent
      } catch (error) {
        if (!signal.aborted) throw error
      }
    },
  }
}
