import { requirePerson } from "@/lib/access/require"
import type { Actor } from "@/lib/auth/actor"
import { exportsOf } from "./lifecycle"

/** All data about the actor as one JSON document, without secrets, which are stored only as hashes. */
export async function exportAccount(actor: Actor, origin: string): Promise<Record<string, unknown>> {
  requirePerson(actor)
  return exportsOf(actor, origin)
}
