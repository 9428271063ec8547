import type { models, pools, versions } from "@/db/schema"

export type Pool = typeof pools.$inferSelect

/** A pool with the model and version that it runs. */
export type WholePool = Pool & {
  model: Pick<
    typeof models.$inferSelect,
    | "id"
    | "owner_id"
    | "name"
    | "visibility"
    | "hardware"
    | "egress_asked_at"
    | "egress_allowed_at"
    | "latest_version_id"
  > & { owner: string }
  version_row: Pick<typeof versions.$inferSelect, "number" | "bundled" | "cog_config" | "trained">
}

/** The pool of a model's version. */
export const poolOfVersion = (number: number): string => `version:${number}`

/** Whether two pools are of releases of the same deployment. */
export const areOfOneDeployment = (a: string, b: string): boolean =>
  a.startsWith("deployment:") && a.slice(0, a.lastIndexOf(":")) === b.slice(0, b.lastIndexOf(":"))

const training = "training:"

/** The pool of a training: its own, for a fresh instance. */
export const poolOfTraining = (id: string): string => `${training}${id}`

/** Whether the instances of a pool are started for training. */
export const trains = ({ key }: { key: string }): boolean => key.startsWith(training)
