import { write, type Db } from "@/db"
import { env } from "@/env"
import { fromNow, now } from "@/lib/clock"
import { listPools } from "@/lib/pools/pool"
import { countWaiting, outcomesOf, type Outcomes } from "@/lib/predictions/running"
import { queueAlert } from "@/lib/webhooks/queue"
import { deleteAlert, insertAlert, listAlerts, type AlertRow } from "./alerts-store"
import type { Deployment } from "./row"
import { readDeployment } from "./store"

export { deleteAlertsOf, listAlerts } from "./alerts-store"

export type AlertKind = AlertRow["kind"]

/**
 * An alert ends when its value has fallen to this share of the threshold. Otherwise, a value near the threshold would
 * raise it repeatedly.
 */
const resolveRatio = 0.5
/** The error rate covers the predictions of this many minutes, at least `fewestRuns` of them. */
const errorMinutes = 10
const fewestRuns = 10

/** Why to raise an alert, as a sentence; `over` to end it, null to change nothing. */
type Verdict = { detail: string } | "over" | null

/** Raises an alert above `most` queued predictions, and ends it at half of that. */
export const queueVerdict = (waiting: number, most: number | null): Verdict =>
  most === null || waiting <= most * resolveRatio
    ? "over"
    : waiting > most
      ? {
          detail: `${waiting.toLocaleString("en-US")} predictions are queued, more than ${most.toLocaleString("en-US")}.`,
        }
      : null

/** Raises an alert at `percent` failed predictions, if there are enough, and ends it at half of that. */
export function errorVerdict({ ended, failed }: Pick<Outcomes, "ended" | "failed">, percent: number | null): Verdict {
  const rate = ended === 0 ? 0 : (failed / ended) * 100
  if (percent === null || rate <= percent * resolveRatio) return "over"
  if (rate < percent || ended < fewestRuns) return null
  return {
    detail: `${failed.toLocaleString("en-US")} of ${ended.toLocaleString("en-US")} predictions of the last ${errorMinutes} minutes failed (${Math.round(rate)} %).`,
  }
}

/** Raises and ends the alerts of an enabled deployment. There is at most one of each kind. */
export async function checkAlerts(deployment: Deployment): Promise<void> {
  const { id, alert_error_percent, alert_queue_length, serves } = deployment
  const [waiting, outcomes, failed, raised] = await Promise.all([
    alert_queue_length === null ? 0 : countWaiting(serves.pool),
    alert_error_percent === null ? { ended: 0, failed: 0 } : outcomesOf(id, serves.pool, fromNow(-errorMinutes * 60)),
    failedSetUp(deployment),
    listAlerts(id),
  ])
  const { current, serving } = deployment
  const verdicts: [AlertKind, number, Verdict][] = [
    ["queue_length", serving, queueVerdict(waiting, alert_queue_length)],
    ["error_rate", serving, errorVerdict(outcomes, alert_error_percent)],
    ["set_up_failed", failed?.release ?? current, failed ?? "over"],
    // An enabled deployment is below its cap: the cap was raised, or a new month began.
    ["cap_reached", serving, "over"],
  ]
  for (const [kind, release, verdict] of verdicts) {
    const before = raised.find((one) => one.kind === kind)
    if (verdict === "over") {
      if (before) await write((tx) => deleteAlert(tx, { deployment_id: id, kind }))
    } else if (verdict && (kind === "set_up_failed" ? before?.release !== release : !before))
      await write(async (tx) => {
        const now = await readDeployment(tx, id)
        if (now) await raiseAlert(tx, now, kind, verdict.detail, release)
      })
  }
}

/** The newest release whose last set-up failed. */
async function failedSetUp({ release, serves }: Deployment) {
  const pools = await listPools([...new Set([release.pool, serves.pool])])
  for (const one of [release, serves]) {
    const pool = pools.find(({ key }) => key === one.pool)
    if (pool && pool.failures > 0)
      return {
        release: one.number,
        detail: `The set-up of release ${one.number} failed:\n${pool.failure ?? ""}`.trim().slice(0, 4000),
      }
  }
  return undefined
}

/** Raises an alert within a write and queues its webhook. Does nothing without a URL, or if it is already raised. */
export async function raiseAlert(
  tx: Db,
  { id, owner, name, owner_id, alert_webhook, serving }: Deployment,
  kind: AlertKind,
  detail: string,
  release = serving,
): Promise<void> {
  if (alert_webhook === null) return
  const raised_at = now()
  if (!(await insertAlert(tx, { deployment_id: id, kind, release, detail, raised_at }))) return
  await queueAlert(tx, owner_id, alert_webhook, {
    type: "deployment.alert",
    alert: kind,
    deployment: `${owner}/${name}`,
    release,
    detail,
    raised_at,
    ...(env.PUBLIC_URL && { urls: { web: `${env.PUBLIC_URL}/deployments/${owner}/${name}` } }),
  })
}
