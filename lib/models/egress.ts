import type { Db } from "@/db"
import { writeAs } from "@/lib/access/write-as"
import { requireAdministrator, type Actor } from "@/lib/auth/actor"
import { now } from "@/lib/clock"
import { auditEvent } from "@/lib/events/record"
import { setting } from "@/lib/settings/setting"
import { missing } from "@/lib/problem"
import { findEgressRow, listEgressRows, setEgressRow, type EgressRow } from "./egress-store"
import type { Row } from "./row"

/** A model's network access: none, requested, or the Internet without private networks. */
export type Egress = "none" | "requested" | "internet"

export type AskedEgress = Pick<Row, "egress_asked_at" | "egress_allowed_at">

/** The effective access: requested by the owner, and allowed by the setting or an administrator. */
export function egressOf({ egress_asked_at, egress_allowed_at }: AskedEgress): Egress {
  if (egress_asked_at === null) return "none"
  const allowed = { none: false, approved: egress_allowed_at !== null, internet: true }[setting("RUN_EGRESS")]
  return allowed ? "internet" : "requested"
}

/** The row changes for an owner's choice; empty if unchanged. A new request needs a new approval. */
export function egressChange(
  { egress_asked_at }: AskedEgress,
  wanted: "none" | "internet" | undefined,
): Partial<AskedEgress> {
  if (wanted === undefined || (egress_asked_at !== null) === (wanted === "internet")) return {}
  return { egress_asked_at: wanted === "internet" ? now() : null, egress_allowed_at: null }
}

/** Models that request Internet access, pending ones first. Throws `missing` to all but administrators. */
export async function listEgressRequests(actor: Actor): Promise<(EgressRow & { egress: Egress })[]> {
  requireAdministrator(actor)
  const rows = await listEgressRows()
  return rows.map((row) => ({ ...row, egress: egressOf(row) }))
}

/**
 * Approves or refuses a model's request for Internet access; an approval can be revoked later. Recorded in both audit
 * logs. Throws `missing` to all but administrators, and for a model without a request.
 */
export async function decideEgress(actor: Actor, id: number, decision: "allow" | "refuse"): Promise<void> {
  requireAdministrator(actor)
  const model = await findEgressRow(id)
  if (!model?.egress_asked_at) throw missing()
  const action = decision === "allow" ? "model.egress_allowed" : "model.egress_refused"
  const events = [
    auditEvent({ actor, owner_id: model.owner_id, action, subject: model.name }),
    auditEvent({ actor, owner_id: null, action, subject: `${model.owner}/${model.name}` }),
  ]
  const fields =
    decision === "allow" ? { egress_allowed_at: now() } : { egress_asked_at: null, egress_allowed_at: null }
  const set = (tx: Db) => setEgressRow(tx, id, fields, events)
  if (!(await writeAs(actor, { administrator: true }, set))) throw missing()
}
