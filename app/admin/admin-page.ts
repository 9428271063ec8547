import type { Metadata } from "next"
import { cache } from "react"

import { nothingHere } from "@/app/nothing-here"
import type { Actor } from "@/lib/auth/actor"
import { requireActor } from "@/lib/next/action"

/** The administrator who asks; null for everybody else, who sees nothing. */
export const loadAdminPage = cache(async (path: string): Promise<Actor | null> => {
  const actor = await requireActor(path)
  return actor.is_admin ? actor : null
})

/** The title of a page of administrators, which says nothing of the page to anybody else. */
export const adminMetadata = (title: string, path: string) => async (): Promise<Metadata> =>
  (await loadAdminPage(path)) ? { title, robots: { index: false } } : nothingHere
