import type { pools } from "@/db/schema"

export type Pool = typeof pools.$inferSelect

/** The pool that a version of a model runs in. */
export const poolOfVersion = (number: number): string => `version:${number}`
