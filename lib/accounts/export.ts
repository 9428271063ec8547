import { requirePerson } from "@/lib/access/require"
import { writeAs } from "@/lib/access/write-as"
import type { Actor } from "@/lib/auth/actor"
import { auditEvent, recordEvent } from "@/lib/events/record"
import { exportsOf } from "./lifecycle"

/**
 * All data about the actor as one JSON document, without secrets, which are stored only as hashes. It comes in pieces,
 * because an account can have millions of events. Throws what `requirePerson` throws.
 */
export async function exportAccount(actor: Actor, origin: string): Promise<AsyncGenerator<string>> {
  requirePerson(actor)
  const { owner_id, username } = actor
  const event = auditEvent({ actor, owner_id, action: "account.exported", subject: username })
  await writeAs(actor, { scope: "read" }, (tx) => recordEvent(tx, event))
  return piecesOf(await exportsOf(actor, origin))
}

async function* piecesOf(parts: Record<string, unknown>): AsyncGenerator<string> {
  let before = "{"
  for (const [name, value] of Object.entries(parts)) {
    yield `${before}\n  ${JSON.stringify(name)}: `
    if (isLong(value)) yield* rowsOf(value)
    else yield JSON.stringify(value, null, 2).replaceAll("\n", "\n  ")
    before = ","
  }
  yield "\n}\n"
}

async function* rowsOf(rows: AsyncIterable<unknown>): AsyncGenerator<string> {
  let before = "["
  for await (const row of rows) {
    yield `${before}\n    ${JSON.stringify(row, null, 2).replaceAll("\n", "\n    ")}`
    before = ","
  }
  yield before === "[" ? "[]" : "\n  ]"
}

const isLong = (value: unknown): value is AsyncIterable<unknown> =>
  typeof value === "object" && value !== null && Symbol.asyncIterator in value
