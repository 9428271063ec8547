import {
  aliasedTable,
  and,
  asc,
  count,
  desc,
  eq,
  getTableColumns,
  inArray,
  isNull,
  ne,
  or,
  sql,
  type Column,
  type SQL,
} from "drizzle-orm"

import { preparedQuery, preparedQueryWithin, read, type Db } from "@/db"
import { deployments, models, owners, releases, tags, versions } from "@/db/schema"
import { now } from "@/lib/clock"
import { unmeteredRows } from "@/lib/instances/instance"
import { sumOf } from "@/lib/usage/ledger"
import { totalsSince } from "@/lib/usage/totals"
import type { Cursor } from "@/lib/page"
import { poolsOfDeployment, type Deployment, type DeploymentRow, type Release } from "./row"

const serves = aliasedTable(releases, "serves")
const makers = aliasedTable(owners, "makers")

/** Whether an account may run a model, and know its name: it is public, or the account's own. */
const isOpenTo = (owner_id: Column | number): SQL =>
  sql`(${models.visibility} = 'public' or ${models.owner_id} = ${owner_id})`

/**
 * A release with the current name of its model, because somebody else may have the former one. If the account of the
 * deployment may not see it, the name that it had.
 */
const named = (release: typeof releases) => ({
  ...getTableColumns(release),
  model: sql<string>`coalesce((select ${owners.username} || '/' || ${models.name}
    from ${models} join ${owners} on ${owners.id} = ${models.owner_id} where ${models.id} = ${release.model_id}
    and ${isOpenTo(deployments.owner_id)}), ${release.model})`,
})

const select = (db: Db) =>
  db
    .select({
      deployment: deployments,
      owner: owners.username,
      release: named(releases),
      by: makers,
      serves: named(serves),
    })
    .from(deployments)
    .innerJoin(owners, eq(owners.id, deployments.owner_id))
    .innerJoin(releases, and(eq(releases.deployment_id, deployments.id), eq(releases.number, deployments.current)))
    .innerJoin(makers, eq(makers.id, releases.created_by))
    .innerJoin(serves, and(eq(serves.deployment_id, deployments.id), eq(serves.number, deployments.serving)))

type Found = Omit<Deployment, keyof DeploymentRow> & { deployment: DeploymentRow }
const whole = ({ deployment, ...rest }: Found): Deployment => ({ ...deployment, ...rest })

const byName = preparedQuery("deployment_by_name", (db) =>
  select(db).where(and(eq(owners.username, sql.placeholder("owner")), eq(deployments.name, sql.placeholder("name")))),
)

export async function findDeployment(owner: string, name: string): Promise<Deployment | undefined> {
  const [row] = await byName().execute({ owner, name })
  return row && whole(row)
}

const byId = preparedQueryWithin("deployment_by_id", (tx) =>
  select(tx).where(eq(deployments.id, sql.placeholder("id"))),
)

/** A deployment, read within a write. */
export async function readDeployment(tx: Db, id: number): Promise<Deployment | undefined> {
  const [row] = await byId(tx).execute({ id })
  return row && whole(row)
}

/** Up to `limit + 1` deployments of an account, newest first, from the cursor in its direction. */
export async function listDeploymentRows(
  owner_id: number,
  cursor: Cursor | null,
  limit: number,
): Promise<Deployment[]> {
  const [at, id] = cursor?.key ?? []
  const direction = cursor?.reverse ? asc : desc
  const beyond = sql`(${deployments.created_at}, ${deployments.id}) ${sql.raw(cursor?.reverse ? ">" : "<")} (${at}, ${id})`
  const rows = await select(read())
    .where(and(eq(deployments.owner_id, owner_id), cursor ? beyond : undefined))
    .orderBy(direction(deployments.created_at), direction(deployments.id))
    .limit(limit + 1)
  return rows.map(whole)
}

/** Whether the version of the serving release is deleted, or private to another account. */
const cannotRun = sql<boolean>`not exists (select 1 from ${versions} join ${models} on ${models.id} = ${versions.model_id}
  where ${versions.model_id} = ${serves.model_id} and ${versions.id} = ${serves.version}
  and ${isOpenTo(deployments.owner_id)})`

/** Whether a deployment of the account may run a version: it exists, and its model is public or the account's own. */
export async function mayRun(
  db: Db,
  owner_id: number,
  { model_id, version }: Pick<Release, "model_id" | "version">,
): Promise<boolean> {
  const [row] = await db
    .select({ id: versions.id })
    .from(versions)
    .innerJoin(models, eq(models.id, versions.model_id))
    .where(and(eq(versions.model_id, model_id), eq(versions.id, version), isOpenTo(owner_id)))
  return row !== undefined
}

/** Enabled, with an unfinished rollout, a followed tag, a schedule, a cap, alerts, or an unavailable version. */
const needsWork = () =>
  and(
    isNull(deployments.paused_at),
    or(
      ne(deployments.rollout, "done"),
      sql`${deployments.follows} is not null`,
      sql`${deployments.monthly_cap_usd} is not null`,
      sql`${deployments.schedule} <> '[]'`,
      sql`${deployments.alert_webhook} is not null`,
      cannotRun,
    ),
  )

/** Deployments that need periodic work. */
export async function listActiveDeployments(): Promise<Deployment[]> {
  return (await select(read()).where(needsWork())).map(whole)
}

/** Enabled deployments that can no longer run their serving release. */
export async function listUnrunnable(): Promise<Deployment[]> {
  return (await select(read()).where(and(isNull(deployments.paused_at), cannotRun))).map(whole)
}

export async function anyActiveDeployment(): Promise<boolean> {
  const rows = await select(read()).where(needsWork()).limit(1)
  return rows.length > 0
}

/** Which of the names an account already uses. */
export async function namesInUse(owner_id: number, names: string[]): Promise<Set<string>> {
  const rows = await read()
    .select({ name: deployments.name })
    .from(deployments)
    .where(and(eq(deployments.owner_id, owner_id), inArray(deployments.name, names)))
  return new Set(rows.map(({ name }) => name))
}

export async function countDeployments(tx: Db, owner_id: number): Promise<number> {
  const [row] = await tx.select({ owned: count() }).from(deployments).where(eq(deployments.owner_id, owner_id))
  return row!.owned
}

/** Inserts a deployment with its first release. Undefined when the account already has that name. */
export async function insertDeployment(
  tx: Db,
  fields: Omit<typeof deployments.$inferInsert, "id">,
): Promise<DeploymentRow | undefined> {
  const [row] = await tx.insert(deployments).values(fields).onConflictDoNothing().returning()
  return row
}

export async function insertRelease(tx: Db, fields: Release): Promise<void> {
  await tx.insert(releases).values(fields)
}

export async function updateDeploymentRow(tx: Db, id: number, fields: Partial<DeploymentRow>): Promise<void> {
  await tx.update(deployments).set(fields).where(eq(deployments.id, id))
}

export async function markFailed(tx: Db, deployment_id: number, number: number): Promise<void> {
  await tx
    .update(releases)
    .set({ failed: true })
    .where(and(eq(releases.deployment_id, deployment_id), eq(releases.number, number)))
}

export async function deleteDeploymentRow(tx: Db, id: number): Promise<void> {
  await tx.delete(deployments).where(eq(deployments.id, id))
}

/** The releases of a deployment with numbers below `before`, newest first. */
export async function listReleaseRows(deployment_id: number, before: number | null, limit: number) {
  const rows = await read()
    .select({ release: named(releases), by: owners })
    .from(releases)
    .innerJoin(deployments, eq(deployments.id, releases.deployment_id))
    .innerJoin(owners, eq(owners.id, releases.created_by))
    .where(
      and(eq(releases.deployment_id, deployment_id), before === null ? undefined : sql`${releases.number} < ${before}`),
    )
    .orderBy(desc(releases.number))
    .limit(limit)
  return rows
}

export async function findRelease(tx: Db, deployment_id: number, number: number): Promise<Release | undefined> {
  const [row] = await tx
    .select(named(releases))
    .from(releases)
    .innerJoin(deployments, eq(deployments.id, releases.deployment_id))
    .where(and(eq(releases.deployment_id, deployment_id), eq(releases.number, number)))
  return row
}

/** The version that a tag of a model names; `latest` is the latest version, with or without an image. */
export async function findTagged(model_id: number, tag: string): Promise<{ version: string } | undefined> {
  if (tag === "latest") {
    const [model] = await read()
      .select({ version: models.latest_version_id })
      .from(models)
      .where(eq(models.id, model_id))
    return model?.version ? { version: model.version } : undefined
  }
  const [row] = await read()
    .select({ version: versions.id })
    .from(versions)
    .innerJoin(
      tags,
      and(eq(tags.model_id, versions.model_id), eq(tags.name, tag), sql`${tags.digest} = 'sha256:' || ${versions.id}`),
    )
    .where(eq(versions.model_id, model_id))
  return row
}

/** The cost of a deployment's instances since a day (UTC) in US dollars, including time not yet in the ledger. */
export async function costSince(
  { owner_id, id }: Pick<DeploymentRow, "owner_id" | "id">,
  day: string,
): Promise<string> {
  const pools = poolsOfDeployment(id)
  // In this order, so that time that is metered meanwhile is not counted twice.
  const written = await totalsSince({ owner_id, pools }, day)
  const unmetered = await unmeteredRows(pools, now())
  return sumOf([
    ...written.map(({ usd }) => usd.toFixed()),
    ...unmetered.filter(({ started_at }) => started_at >= day).map(({ usd }) => usd),
  ])
}

/** The deployments of an account. */
export async function listIdsOf(db: Db, owner_id: number): Promise<{ id: number; name: string }[]> {
  return db
    .select({ id: deployments.id, name: deployments.name })
    .from(deployments)
    .where(eq(deployments.owner_id, owner_id))
}

/** Disables every deployment of an account. */
export async function pauseDeploymentsOf(tx: Db, owner_id: number, at: string, paused_reason: string): Promise<void> {
  await tx
    .update(deployments)
    .set({ paused_at: at, paused_reason })
    .where(and(eq(deployments.owner_id, owner_id), isNull(deployments.paused_at)))
}
