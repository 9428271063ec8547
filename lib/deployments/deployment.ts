import type { z } from "zod"

import { may, visibleAccountIds } from "@/lib/access/policy"
import { requireAbility, type AccountRef } from "@/lib/access/require"
import { writeAs } from "@/lib/access/write-as"
import { requireScope, type Actor } from "@/lib/auth/actor"
import { fromNow, now } from "@/lib/clock"
import type { Db } from "@/db"
import { auditEvent, recordEvent, type AuditEvent } from "@/lib/events/record"
import type { Action } from "@/lib/events/schema"
import { requireDeploymentHardware } from "@/lib/hardware/hardware"
import { listLiveOfPool } from "@/lib/instances/instance"
import { decodeCursor, pageOf, type Page } from "@/lib/page"
import { invalid, missing, Problem, problem } from "@/lib/problem"
import { updatePoolsWithin, usedSince } from "@/lib/pools/pool"
import { predictionSignals } from "@/lib/predictions/signals"
import { hostOf } from "@/lib/webhooks/queue"
import { getRunnableVersion, isStillRunnable, type RunnableVersion } from "@/lib/versions/reference"
import { deleteAlertsOf } from "./alerts"
import { firstRelease, nextRelease, promoteRelease, startPools, stopPools, warm, type Configuration } from "./release"
import { poolsOfDeployment, type Deployment, type Release } from "./row"
import type { ScheduleLine } from "./schedule"
import {
  CreateDeploymentInput,
  maxLines,
  RollbackInput,
  ScheduleLineInput,
  tooFew,
  tooManyLines,
  UpdateDeploymentInput,
  WarmInput,
} from "./schema"
import {
  countDeployments,
  deleteDeploymentRow,
  findDeployment,
  findRelease,
  insertDeployment,
  listDeploymentRows,
  listReleaseRows,
  mayRun,
  readDeployment,
  updateDeploymentRow,
} from "./store"

export type { Deployment, Release }

/** Deployments per page. */
export const pageSize = 25
const releasesPerPage = 25

/** A deployment. Throws `missing` if there is none, or the actor may not see its account. */
export async function getDeployment(actor: Actor | null, owner: string, name: string): Promise<Deployment> {
  const deployment = await findDeployment(owner, name)
  if (!deployment || !may(actor, "see", deployment.owner_id)) throw missing()
  return deployment
}

/**
 * A page of an account's deployments, newest first. Throws `missing` to those who may not see it, and `invalid` for a
 * bad cursor.
 */
export async function listDeployments(
  actor: Actor,
  from?: string,
  account: Pick<AccountRef, "id"> = { id: actor.owner_id },
  limit = pageSize,
): Promise<Page<Deployment>> {
  if (!may(actor, "see", account.id)) throw missing()
  const cursor = from === undefined ? null : decodeCursor(from)
  return pageOf(await listDeploymentRows(account.id, cursor, limit), limit, cursor, (one) => [one.created_at, one.id])
}

/** A page of the releases of a deployment, newest first; `next` is the number to continue before, null at the end. */
export async function listReleases(deployment: Deployment, before: number | null = null) {
  const rows = await listReleaseRows(deployment.id, before, releasesPerPage + 1)
  const shown = rows.slice(0, releasesPerPage)
  return { rows: shown, next: rows.length > releasesPerPage ? shown.at(-1)!.release.number : null }
}

/**
 * Creates a deployment for an account, by default the actor's own. Its first release serves at once. Throws `invalid`
 * with every error, `conflict` for a name in use, `noSuchVersion`, and what `writeAs` throws.
 */
export async function createDeployment(
  actor: Actor,
  input: CreateDeploymentInput,
  account: AccountRef = { id: actor.owner_id, username: actor.username },
): Promise<Deployment> {
  requireScope(actor, "write")
  requireAbility(actor, account, "deploy")
  const fields = CreateDeploymentInput.parse(input)
  const version = await versionFor(actor, account, fields.model, fields.version)
  const { sku } = await requireDeploymentHardware(fields.hardware)
  const { name, min_instances, max_instances } = fields
  const configuration = configurationOf(version, {
    hardware: sku,
    min_instances,
    max_instances,
    idle_seconds: fields.idle_seconds ?? null,
    buffer_instances: fields.buffer_instances ?? 0,
  })
  const created_at = now()
  const created = await writeAs(actor, { account, ability: "deploy" }, async (tx, currentActor) => {
    await requireStillRunnable(tx, currentActor, version)
    if ((await countDeployments(tx, account.id)) >= maxDeployments) throw tooMany(account)
    const row = await insertDeployment(tx, {
      owner_id: account.id,
      name,
      current: 1,
      serving: 1,
      rollout: "done",
      follows: fields.follows ?? null,
      queue_limit: fields.queue_limit ?? null,
      run_limit_minutes: fields.run_limit_minutes ?? null,
      setup_limit_minutes: fields.setup_limit_minutes ?? null,
      monthly_cap_usd: fields.monthly_cap_usd ?? null,
      schedule: fields.schedule ?? [],
      alert_webhook: fields.alert_webhook ?? null,
      alert_error_percent: fields.alert_error_percent ?? null,
      alert_queue_length: fields.alert_queue_length ?? null,
      created_by: actor.owner_id,
      created_at,
      updated_at: created_at,
    })
    if (!row) throw nameInUse()
    await firstRelease(tx, row, configuration, { created_by: actor.owner_id })
    await recordEvent(
      tx,
      deploymentEvent(actor, { ...row, owner: account.username }, "deployment.created", {
        ...shownOf(configuration),
        ...shownLimits(limitsOf(fields)),
      }),
    )
    return readDeployment(tx, row.id)
  })
  wake(created!)
  return created!
}

/** Deployments per account: each may keep instances ready. */
export const maxDeployments = 100

const tooMany = ({ username }: AccountRef) =>
  problem("forbidden", `${username} has ${maxDeployments} deployments, the maximum. Delete one that is no longer used.`)

const nameInUse = () => {
  const complaint = "A deployment with that name and owner already exists."
  return problem("conflict", `The following errors occurred:\n- name: ${complaint}`, { name: complaint })
}

/**
 * Changes a deployment. A change to what runs creates a release, which takes over once its instances are ready. Throws
 * `invalid`, `noSuchVersion`, `missing`, and what `writeAs` throws.
 */
export async function updateDeployment(
  actor: Actor,
  owner: string,
  name: string,
  input: UpdateDeploymentInput,
): Promise<Deployment> {
  const fields = UpdateDeploymentInput.parse(input)
  const found = await getDeployment(actor, owner, name)
  const account = accountOf(found)
  const renamesVersion = fields.version !== undefined || fields.model !== undefined
  if (fields.model !== undefined && fields.version === undefined && fields.model !== found.release.model)
    throw invalid({ version: "Name a version of the new model, too." })
  const version = renamesVersion
    ? await versionFor(actor, account, fields.model ?? found.release.model, fields.version ?? found.release.version)
    : undefined
  const hardware = fields.hardware === undefined ? undefined : (await requireDeploymentHardware(fields.hardware)).sku
  return change(actor, found, async (tx, current, currentActor) => {
    if (version) await requireStillRunnable(tx, currentActor, version)
    const before = current.release
    const next: Configuration = {
      ...(version
        ? { model_id: version.model_id, model: `${version.owner}/${version.name}`, version: version.version }
        : pick(before)),
      hardware: hardware ?? before.hardware,
      min_instances: fields.min_instances ?? before.min_instances,
      max_instances: fields.max_instances ?? before.max_instances,
      idle_seconds: fields.idle_seconds === undefined ? before.idle_seconds : fields.idle_seconds,
      buffer_instances:
        fields.buffer_instances === undefined ? before.buffer_instances : (fields.buffer_instances ?? 0),
    }
    if (next.min_instances > next.max_instances) throw invalid({ max_instances: tooFew })
    const { run_limit_minutes, setup_limit_minutes, alert_webhook, canary_percent } = fields
    const limits = limitsOf(fields)
    if (Object.keys(limits).length > 0) await updateDeploymentRow(tx, current.id, { ...limits, updated_at: now() })
    const poolLimits = defined({ run_limit_minutes, setup_limit_minutes })
    if (Object.keys(poolLimits).length > 0) await updatePoolsWithin(tx, poolsOfDeployment(current.id), poolLimits)
    if (alert_webhook === null) await deleteAlertsOf(tx, current.id)
    const changes = changesBetween(before, next)
    if (Object.keys(changes).length > 0)
      await nextRelease(tx, { ...current, ...limits }, next, {
        created_by: actor.owner_id,
        ...(canary_percent && { canary: { percent: canary_percent, minutes: fields.canary_minutes ?? 10 } }),
      })
    if (Object.keys(changes).length + Object.keys(limits).length === 0) return
    return deploymentEvent(actor, current, "deployment.updated", { ...changes, ...shownLimits(limits) })
  })
}

/** Creates a release from an earlier one. Throws `invalid` if that does not exist. */
export async function rollBack(
  actor: Actor,
  owner: string,
  name: string,
  input: { release: unknown },
): Promise<Deployment> {
  const { release: number } = RollbackInput.parse(input)
  const found = await getDeployment(actor, owner, name)
  return change(actor, found, async (tx, current, currentActor) => {
    const release = await findRelease(tx, current.id, number)
    if (!release) throw invalid({ release: `There is no release ${number}.` })
    const version = await getRunnableVersion(currentActor, `${release.model}:${release.version}`)
    await requireStillRunnable(tx, currentActor, version)
    // Following a tag would undo the rollback at once.
    await updateDeploymentRow(tx, current.id, { follows: null })
    const next = { ...configurationOf(version, release), model: release.model }
    if (Object.keys(changesBetween(current.serves, next)).length === 0 && current.current === current.serving) return
    await nextRelease(tx, current, next, { created_by: actor.owner_id, rollback_of: number })
    return deploymentEvent(actor, current, "deployment.rolled_back", { release: number })
  })
}

/** Disables a deployment: cancels its runs, stops its instances, and refuses predictions until it is enabled again. */
export const disableDeployment = (actor: Actor, owner: string, name: string): Promise<Deployment> =>
  setPaused(actor, owner, name, true)
/** Enables a deployment. Throws `unprocessable` if its account may no longer run its version. */
export const enableDeployment = (actor: Actor, owner: string, name: string): Promise<Deployment> =>
  setPaused(actor, owner, name, false)

async function setPaused(actor: Actor, owner: string, name: string, paused: boolean): Promise<Deployment> {
  const found = await getDeployment(actor, owner, name)
  return change(actor, found, async (tx, current) => {
    if ((current.paused_at !== null) === paused) return
    await updateDeploymentRow(tx, current.id, {
      paused_at: paused ? now() : null,
      paused_reason: null,
      updated_at: now(),
    })
    await (paused ? stopPools(tx, current) : startPools(tx, await withRunnableRelease(tx, current)))
    await deleteAlertsOf(tx, current.id)
    return deploymentEvent(actor, current, paused ? "deployment.disabled" : "deployment.enabled")
  })
}

/** Must not reveal whether the version was deleted or its model became private. */
export const unavailable = "Its version is no longer available."

/**
 * A deployment whose serving release can run. If that one's version is no longer available, a release that was to
 * replace it serves at once. Throws `unprocessable` if there is none.
 */
async function withRunnableRelease(tx: Db, current: Deployment): Promise<Deployment> {
  const { id, owner_id, rollout, serves, release } = current
  if (await mayRun(tx, owner_id, serves)) return current
  const isReplaced = rollout === "rolling" || rollout === "canary"
  if (!isReplaced || !(await mayRun(tx, owner_id, release)))
    throw problem("unprocessable", `${unavailable} Choose another one first.`)
  await promoteRelease(tx, current)
  return (await readDeployment(tx, id))!
}

/** Keeps this many instances ready for a while, with or without traffic. Throws `invalid` above the maximum. */
export async function warmUp(actor: Actor, owner: string, name: string, input: WarmInput): Promise<Deployment> {
  const { instances, minutes } = WarmInput.parse(input)
  const found = await getDeployment(actor, owner, name)
  return change(actor, found, async (tx, current) => {
    if (current.paused_at !== null) throw disabledProblem(current)
    const most = current.serves.max_instances
    if (instances > most) throw invalid({ instances: `At most ${most}, the maximum of this deployment.` })
    await warm(tx, current.serves.pool, instances, fromNow(minutes * 60))
    return deploymentEvent(actor, current, "deployment.warmed", { instances, minutes })
  })
}
type WarmInput = { instances: unknown; minutes?: unknown }

/** Adds a line to the schedule, unless it is there. Throws `invalid`. */
export async function addToSchedule(actor: Actor, owner: string, name: string, input: unknown): Promise<Deployment> {
  const line = ScheduleLineInput.parse(input)
  return changeSchedule(actor, owner, name, (lines) => {
    if (lines.some((one) => isSameLine(one, line))) return lines
    if (lines.length >= maxLines) throw invalid({ days: tooManyLines })
    return [...lines, line]
  })
}

/** Removes a line from the schedule, if it is there. */
export async function removeFromSchedule(
  actor: Actor,
  owner: string,
  name: string,
  input: unknown,
): Promise<Deployment> {
  const line = ScheduleLineInput.parse(input)
  return changeSchedule(actor, owner, name, (lines) => lines.filter((one) => !isSameLine(one, line)))
}

async function changeSchedule(
  actor: Actor,
  owner: string,
  name: string,
  next: (lines: ScheduleLine[]) => ScheduleLine[],
): Promise<Deployment> {
  const found = await getDeployment(actor, owner, name)
  return change(actor, found, async (tx, current) => {
    const schedule = next(current.schedule)
    if (schedule.length === current.schedule.length) return
    await updateDeploymentRow(tx, current.id, { schedule, updated_at: now() })
    return deploymentEvent(actor, current, "deployment.updated", shownLimits({ schedule }))
  })
}

const isSameLine = (a: ScheduleLine, b: ScheduleLine) =>
  a.from === b.from &&
  a.to === b.to &&
  a.time_zone === b.time_zone &&
  a.min_instances === b.min_instances &&
  a.days.toSorted().join() === b.days.toSorted().join()

/** Minutes without a run or an instance before a deployment may be deleted, as in the published contract. */
const quietMinutes = 15

/** What blocks the deletion of a deployment, as sentences. */
export async function deletionBlockers({ id, release, serves }: Deployment): Promise<string[]> {
  const live = await Promise.all([...new Set([release.pool, serves.pool])].map((pool) => listLiveOfPool(pool)))
  if (live.some((instances) => instances.length > 0))
    return ["It has running instances: disable it, and wait until they have stopped."]
  return (await usedSince(poolsOfDeployment(id), fromNow(-quietMinutes * 60)))
    ? [`It ran within the last ${quietMinutes} minutes: disable it, and delete it later.`]
    : []
}

/** Deletes a deployment. Throws `invalid` if it has instances or ran within the last 15 minutes. */
export async function deleteDeployment(actor: Actor, owner: string, name: string): Promise<void> {
  const found = await getDeployment(actor, owner, name)
  const account = accountOf(found)
  requireScope(actor, "write")
  requireAbility(actor, account, "deploy")
  const [blocker] = await deletionBlockers(found)
  if (blocker) throw problem("invalid", blocker)
  await writeAs(actor, { account, ability: "deploy" }, async (tx) => {
    const current = await readDeployment(tx, found.id)
    if (!current) throw missing()
    await stopPools(tx, current)
    await deleteDeploymentRow(tx, current.id)
    await recordEvent(tx, deploymentEvent(actor, current, "deployment.deleted"))
  })
}

/** The error for a prediction of a disabled deployment. */
export const disabledProblem = ({ owner, name, paused_at, paused_reason }: Deployment) =>
  problem(
    "unprocessable",
    paused_at === null
      ? `${owner}/${name} has a maximum of 0 instances. Raise it first.`
      : `${owner}/${name} is disabled. ${paused_reason ?? "Enable it first."}`,
  )

/** Whether a deployment takes predictions: it is neither disabled nor limited to 0 instances. */
export const isEnabled = ({ paused_at, serves }: Deployment): boolean => paused_at === null && serves.max_instances > 0

/** The write of every change: applies it to the current row, and returns the updated deployment. */
async function change(
  actor: Actor,
  found: Deployment,
  fn: (tx: Db, current: Deployment, currentActor: Actor) => Promise<AuditEvent | void>,
): Promise<Deployment> {
  const changed = await writeAs(actor, { account: accountOf(found), ability: "deploy" }, async (tx, currentActor) => {
    const current = await readDeployment(tx, found.id)
    if (!current) throw missing()
    const event = await fn(tx, current, currentActor)
    if (event) await recordEvent(tx, event)
    return readDeployment(tx, found.id)
  })
  wake(changed!)
  return changed!
}

const accountOf = ({ owner_id, owner }: Deployment): AccountRef => ({ id: owner_id, username: owner })

/** Makes the hub check a deployment's pools at once. */
export function wake({ release, serves }: Deployment): void {
  for (const pool of new Set([release.pool, serves.pool])) predictionSignals().publish({ type: "queued", pool })
}

const deploymentEvent = (
  actor: Actor,
  { owner_id, name }: Pick<Deployment, "owner_id" | "name" | "owner">,
  action: Action,
  details: AuditEvent["details"] = {},
): AuditEvent => auditEvent({ actor, owner_id, action, subject: name, details })

/** A version that the account may deploy: of a public model or one of its own. */
async function versionFor(
  actor: Actor,
  account: AccountRef,
  model: string,
  reference: string,
): Promise<RunnableVersion> {
  const id = reference.replace(/^[^:]*:/, "")
  const version = await getRunnableVersion(
    actor,
    /^[0-9a-f]{64}$/.test(id) ? `${model}:${id}` : `${model}@${reference}`,
  ).catch((error: unknown) => {
    if (!(error instanceof Problem && error.kind === "noSuchVersion")) throw error
    throw problem("noSuchVersion", error.detail, { version: `There is no version ${reference} of ${model}.` })
  })
  if (version.visibility === "private" && version.owner_id !== account.id)
    throw invalid({ model: `${model} is private: only ${version.owner} can deploy it.` })
  return version
}

async function requireStillRunnable(tx: Db, currentActor: Actor, version: RunnableVersion): Promise<void> {
  if (!(await isStillRunnable(tx, version, visibleAccountIds(currentActor))))
    throw invalid({ version: "This version was deleted meanwhile." })
}

export const configurationOf = (
  { model_id, owner, name, version }: Pick<RunnableVersion, "model_id" | "owner" | "name" | "version">,
  {
    hardware,
    min_instances,
    max_instances,
    idle_seconds,
    buffer_instances,
  }: Omit<Configuration, "model_id" | "model" | "version">,
): Configuration => ({
  model_id,
  model: `${owner}/${name}`,
  version,
  hardware,
  min_instances,
  max_instances,
  idle_seconds,
  buffer_instances,
})

const pick = ({ model_id, model, version }: Release) => ({ model_id, model, version })
const shownOf = ({ model, version, hardware, min_instances, max_instances }: Configuration) => ({
  model,
  version,
  hardware,
  min_instances,
  max_instances,
})

const compared = [
  "model",
  "version",
  "hardware",
  "min_instances",
  "max_instances",
  "idle_seconds",
  "buffer_instances",
] as const

/** The fields that differ between two configurations, new and old. */
export const changesBetween = (before: Configuration, after: Configuration): AuditEvent["details"] =>
  Object.fromEntries(
    compared.flatMap((field) =>
      before[field] === after[field] || (field === "model" && before.model_id === after.model_id)
        ? []
        : [
            [field, after[field]],
            [`${field}_was`, before[field]],
          ],
    ),
  )

/** Limits for the audit log. Of the webhook URL, only the host: the rest may be a secret. */
const shownLimits = ({
  schedule,
  alert_webhook,
  ...limits
}: {
  schedule?: unknown[]
  alert_webhook?: string | null
}): AuditEvent["details"] => ({
  ...(limits as AuditEvent["details"]),
  ...(alert_webhook !== undefined && { alert_webhook: alert_webhook && hostOf(alert_webhook) }),
  ...(schedule && { schedule: `${schedule.length} ${schedule.length === 1 ? "line" : "lines"}` }),
})

/** The limits and alerts that a change sets. */
const limitsOf = ({
  follows,
  queue_limit,
  run_limit_minutes,
  setup_limit_minutes,
  monthly_cap_usd,
  schedule,
  alert_webhook,
  alert_error_percent,
  alert_queue_length,
}: z.output<typeof UpdateDeploymentInput>) =>
  defined({
    follows,
    queue_limit,
    run_limit_minutes,
    setup_limit_minutes,
    monthly_cap_usd,
    schedule,
    alert_webhook,
    alert_error_percent,
    alert_queue_length,
  })

const defined = <T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as never
