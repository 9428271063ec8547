import { deployment_alerts, deployments, releases } from "@/db/schema"
import type { Db } from "@/db"
import type { AccountLifecycle } from "@/lib/lifecycle"
import { deleteDeploymentRow, listIdsOf, pauseDeploymentsOf } from "./store"
import { stopPools } from "./release"

async function stopAllOf(tx: Db, owner_id: number): Promise<number[]> {
  const ids = (await listIdsOf(tx, owner_id)).map(({ id }) => id)
  for (const id of ids) await stopPools(tx, { id })
  return ids
}

export const deploymentsLifecycle: AccountLifecycle = {
  tables: [deployments, releases, deployment_alerts],
  /** Deployments stay disabled when the account is enabled again, because starting them costs money. */
  async disable(tx, id, at) {
    await stopAllOf(tx, id)
    await pauseDeploymentsOf(tx, id, at, "The account was disabled.")
  },
  async close(tx, id) {
    for (const one of await stopAllOf(tx, id)) await deleteDeploymentRow(tx, one)
  },
  export: { kept: "They are listed at /v1/deployments." },
}
