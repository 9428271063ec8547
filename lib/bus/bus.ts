import { randomUUID } from "node:crypto"

import { log } from "@/lib/log"
import { assembler, framesOf, readFrame } from "./frames"
import { isShared, listen, notify } from "./store"

/** Messages of one kind, heard by whoever subscribed in any process of the instance. They are JSON. */
export type Channel<T> = {
  /** Tells the subscribers here before it returns, and those in other processes soon after. Never throws. */
  publish(message: T): void
  /**
   * Calls `listener` with every message from now on, those of one process in their order. `missed` is called when some may have been lost, because
   * the database could not be reached: whoever has to know looks up what is true now. The answer ends it.
   */
  subscribe(listener: (message: T) => void, missed?: () => void): () => void
}

type Options<T> = {
  /** What waits to be told to other processes, with one more message: for those of which the last, or the sum, says it all. */
  merge?: (waiting: T[], next: T) => T[]
  /** Milliseconds for which messages to other processes are collected. */
  pause?: number
}

/** What carries the messages of all channels. A process has one; a test makes several, to stand for several processes. */
export type Bus = {
  channel<T>(name: string, options?: Options<T>): Channel<T>
  /** Resolves once what other processes publish arrives too. The answer tells them what still waits, and ends it. */
  connect(): Promise<() => Promise<void>>
}

type Subscriber = { listener: (message: unknown) => void; missed?: () => void }

type Line = { subscribers: Set<Subscriber>; waiting: unknown[]; timer?: ReturnType<typeof setTimeout> }

/** What is told at once; null where it matters only that something is. */
type Batch = { channel: string; messages: unknown[] } | null

const key = Symbol.for("understudy.bus")
const slot = globalThis as typeof globalThis & { [key]?: Bus }
const bus = (): Bus => (slot[key] ??= newBus(isShared))

/** The channel of that name, the same one wherever it is asked for. */
export const channel = <T>(name: string, options?: Options<T>): Channel<T> => bus().channel(name, options)

/** Has this process hear what others publish. The answer ends it. */
export const connectBus = (): Promise<() => Promise<void>> => bus().connect()

/** `between` says whether there may be other processes; among themselves they are told by PostgreSQL's LISTEN and NOTIFY. */
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
      // Something has to follow for them to see that they missed it.
      setTimeout(() => void send(null), 1000).unref()
    }
  }
  let sent = 0

  // One after the other, so that the others can tell by the numbers whether one is missing.
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
