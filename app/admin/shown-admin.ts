import { cache } from "react"

import type { Actor } from "@/lib/auth/actor"
import { requireActor } from "@/lib/doors/action"

/** The administrator who asks; null for everybody else, who sees nothing. */
export const shownAdmin = cache(async (path: string): Promise<Actor | null> => {
  const actor = await requireActor(path)
  return actor.is_admin ? actor : null
})
