import { requirePerson } from "@/lib/access/require"
import type { Actor } from "@/lib/auth/actor"
import { exportsOf } from "./lifecycle"

/** Everything that is kept about the actor and that nothing else lists, as one JSON document. Secrets are not in it: only their hashes are kept. */
export async function exportAccount(actor: Actor, origin: string): Promise<Record<string, unknown>> {
  requirePerson(actor)
  return exportsOf(actor, origin)
}
