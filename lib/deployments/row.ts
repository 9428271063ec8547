import type { deployments, owners, releases } from "@/db/schema"

export type DeploymentRow = typeof deployments.$inferSelect
export type Release = typeof releases.$inferSelect

/** A deployment with the account that owns it, the release made last and who made it, and the one that runs what comes in. */
export type Deployment = DeploymentRow & {
  owner: string
  release: Release
  by: typeof owners.$inferSelect
  serves: Release
}

/** The pool that a release runs in. */
export const poolOfRelease = (deployment_id: number, release: number): string =>
  `deployment:${deployment_id}:${release}`
