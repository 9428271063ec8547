import { and, eq } from "drizzle-orm"

import { read, type Db } from "@/db"
import { deployment_alerts } from "@/db/schema"

export type AlertRow = typeof deployment_alerts.$inferSelect

/** The raised alerts of a deployment. */
export const listAlerts = (deployment_id: number): Promise<AlertRow[]> =>
  read().select().from(deployment_alerts).where(eq(deployment_alerts.deployment_id, deployment_id))

/** Raises an alert, replacing one for another release. False if it is already raised for this release. */
export async function insertAlert(tx: Db, alert: AlertRow): Promise<boolean> {
  const [before] = await tx.select().from(deployment_alerts).where(sameAs(alert))
  if (before?.release === alert.release) return false
  await tx.delete(deployment_alerts).where(sameAs(alert))
  const raised = await tx.insert(deployment_alerts).values(alert).onConflictDoNothing().returning()
  return raised.length > 0
}

export async function deleteAlert(tx: Db, alert: Pick<AlertRow, "deployment_id" | "kind">): Promise<void> {
  await tx.delete(deployment_alerts).where(sameAs(alert))
}

export async function deleteAlertsOf(tx: Db, deployment_id: number): Promise<void> {
  await tx.delete(deployment_alerts).where(eq(deployment_alerts.deployment_id, deployment_id))
}

const sameAs = ({ deployment_id, kind }: Pick<AlertRow, "deployment_id" | "kind">) =>
  and(eq(deployment_alerts.deployment_id, deployment_id), eq(deployment_alerts.kind, kind))
