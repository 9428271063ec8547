import type { deployments, owners, releases } from "@/db/schema"

export type DeploymentRow = typeof deployments.$inferSelect
export type Release = typeof releases.$inferSelect

/** A deployment with its account, its latest release and that release's author, and the serving release. */
export type Deployment = DeploymentRow & {
  owner: string
  release: Release
  by: typeof owners.$inferSelect
  serves: Release
}

/** The key prefix of all pools of a deployment. */
export const poolsOfDeployment = (deployment_id: number): string => `deployment:${deployment_id}:`

/** The pool of a release. */
export const poolOfRelease = (deployment_id: number, release: number): string =>
  `${poolsOfDeployment(deployment_id)}${release}`
