import { EventEmitter, on } from "node:events"
import type { EngineEvent } from "./engine"

/** Events of an engine for everybody who watches it. */
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
