import type { Metadata } from "next"
import { cache } from "react"

import { nothingHere } from "@/app/nothing-here"
import type { Actor } from "@/lib/auth/actor"
import { requireActor } from "@/lib/next/action"

/** The signed-in administrator; null for everybody else, who sees nothing. */
export const loadAdminPage = cache(async (path: string): Promise<Actor | null> => {
  const actor = await requireActor(path)
  return actor.is_admin ? actor : null
})

/** The metadata of an administration page; everybody else gets that of a missing page. */
export const adminMetadata = (title: string, path: string) => async (): Promise<Metadata> =>
  (await loadAdminPage(path)) ? { title, robots: { index: false } } : nothingHere
