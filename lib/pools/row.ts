import type { models, pools, versions } from "@/db/schema"

export type Pool = typeof pools.$inferSelect

/** A pool with the model and the version that it runs. */
export type WholePool = Pool & {
  model: Pick<typeof models.$inferSelect, "id" | "owner_id" | "name" | "visibility" | "hardware"> & { owner: string }
  of: Pick<typeof versions.$inferSelect, "number" | "bundled" | "cog_config">
}

/** The pool that a version of a model runs in. */
export const poolOfVersion = (number: number): string => `version:${number}`
