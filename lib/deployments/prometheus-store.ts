import { and, count, desc, eq, isNull, like, sql } from "drizzle-orm"

import { read } from "@/db"
import { deployments, instances, owners } from "@/db/schema"

/** The number of deployments, and up to `limit` of them, enabled ones first. */
export async function listObserved(limit: number) {
  const [[all], rows] = await Promise.all([
    read().select({ total: count() }).from(deployments),
    read()
      .select({ id: deployments.id, owner: owners.username, name: deployments.name, paused_at: deployments.paused_at })
      .from(deployments)
      .innerJoin(owners, eq(owners.id, deployments.owner_id))
      .orderBy(
        sql`case when ${deployments.paused_at} is null then 0 else 1 end`,
        desc(deployments.updated_at),
        desc(deployments.id),
      )
      .limit(limit),
  ])
  return { total: Number(all!.total), rows }
}

/** Live instances of deployments, by pool and state. */
export async function countLiveStates(): Promise<{ pool: string; state: string; instances: number }[]> {
  const rows = await read()
    .select({ pool: instances.pool, state: instances.state, instances: count() })
    .from(instances)
    .where(and(isNull(instances.stopped_at), like(instances.pool, "deployment:%")))
    .groupBy(instances.pool, instances.state)
  return rows.map((row) => ({ ...row, instances: Number(row.instances) }))
}
