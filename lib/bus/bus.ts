import { randomUUID } from "node:crypto"

import { log } from "@/lib/log"
import { assembler, framesOf, readFrame } from "./frames"
import { isShared, listen, notify } from "./store"

/** Messages of one kind, delivered to subscribers in every process of the installation. They are JSON. */
export type Channel<T> = {
  /** Delivers to local subscribers before it returns, to other processes soon after. Never throws. */
  publish(message: T): void
  /**
   * Calls `listener` with every later message, in order per sender. `missed` is called when messages may have been lost
   * because the database was unreachable: reload the current state then. The returned function unsubscribes.
   */
  subscribe(listener: (message: T) => void, missed?: () => void): () => void
}

type Options<T> = {
  /** Merges a message into those pending for other processes, where only the last or the sum matters. */
  merge?: (waiting: T[], next: T) => T[]
  /** Milliseconds for which messages to other processes are batched. */
  pause?: number
}

/** Carries all channels. A process has one; tests create several to simulate processes. */
export type Bus = {
  channel<T>(name: string, options?: Options<T>): Channel<T>
  /**
   * Resolves once messages of other processes arrive. The returned function flushes pending messages and disconnects.
   */
  connect(): Promise<() => Promise<void>>
}

type Subscriber = { listener: (message: unknown) => void; missed?: () => void }

type Line = { subscribers: Set<Subscriber>; waiting: unknown[]; timer?: ReturnType<typeof setTimeout> }

/** The content of a notification; null for one that only reveals a gap. */
type Batch = { channel: string; messages: unknown[] } | null

const key = Symbol.for("understudy.bus")
const slot = globalThis as typeof globalThis & { [key]?: Bus }
const bus = (): Bus => (slot[key] ??= newBus(isShared))

/** Returns the channel of a name, the same one for every caller. */
export const channel = <T>(name: string, options?: Options<T>): Channel<T> => bus().channel(name, options)

/** Connects this process to the others. The returned function disconnects. */
export const connectBus = (): Promise<() => Promise<void>> => bus().connect()

/** With `between`, messages also reach other processes, through PostgreSQL's LISTEN and NOTIFY. */
export function newBus(between: boolean): Bus {
  const self = randomUUID()
  const lines = new Map<string, Line>()
  const lineOf = (name: string): Line => {
    const line = lines.get(name) ?? { subscribers: new Set(), waiting: [] }
    lines.set(name, line)
    return line
  }

  function deliver({ subscribers }: Line, message: unknown) {
    for (const { listener } of subscribers)
      try {
        listener(message)
      } catch (error) {
        log("error", "a message could not be dealt with", { error })
      }
  }

  const missedSome = () => {
    for (const { subscribers } of lines.values()) for (const { missed } of subscribers) missed?.()
  }

  async function sendNow(batch: Batch) {
    const frames = framesOf(self, sent++, batch)
    try {
      for (let at = 0; at < frames.length; at += 50) await notify(frames.slice(at, at + 50))
    } catch (error) {
      if (batch) log("warn", "other processes could not be told", { error, channel: batch.channel })
      // Receivers notice the gap with the next message.
      setTimeout(() => void send(null), 1000).unref()
    }
  }
  let sent = 0

  // Sequential, so that receivers can detect gaps by number.
  const send = (batch: Batch) => (sending = sending.then(() => sendNow(batch)))
  let sending: Promise<void> = Promise.resolve()

  function tell(name: string, line: Line) {
    clearTimeout(line.timer)
    line.timer = undefined
    const messages = line.waiting
    line.waiting = []
    return messages.length === 0 ? sending : send({ channel: name, messages })
  }

  return {
    channel<T>(name: string, { merge = added, pause = 20 }: Options<T> = {}): Channel<T> {
      const line = lineOf(name)
      return {
        publish(message) {
          deliver(line, message)
          if (!between) return
          line.waiting = merge(line.waiting as T[], message)
          line.timer ??= setTimeout(() => void tell(name, line), pause).unref()
        },
        subscribe(listener, missed) {
          const subscriber = { listener: listener as Subscriber["listener"], missed }
          line.subscribers.add(subscriber)
          return () => void line.subscribers.delete(subscriber)
        },
      }
    },

    async connect() {
      if (!between) return async () => {}
      let assemble = assembler()
      let before = false
      const stop = await listen(
        (text) => {
          const frame = readFrame(text)
          if (!frame || frame.from === self) return
          const { value, lost } = assemble(frame)
          if (lost) missedSome()
          if (!value) return
          const { channel, messages } = value as NonNullable<Batch>
          for (const message of messages) deliver(lineOf(channel), message)
        },
        () => {
          assemble = assembler()
          if (before) missedSome()
          before = true
        },
      )
      return async () => {
        await Promise.all([...lines].map(([name, line]) => tell(name, line)))
        await stop()
      }
    },
  }
}

function added<T>(waiting: T[], next: T): T[] {
  waiting.push(next)
  return waiting
}
