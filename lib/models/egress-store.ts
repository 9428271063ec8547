import { and, asc, desc, eq, isNotNull } from "drizzle-orm"

import { read, type Db } from "@/db"
import { models, owners } from "@/db/schema"
import { recordEvent, type AuditEvent } from "@/lib/events/record"
import type { Row } from "./row"

export type EgressRow = Pick<
  Row,
  "id" | "owner_id" | "name" | "visibility" | "egress_asked_at" | "egress_allowed_at"
> & {
  owner: string
}

const columns = {
  id: models.id,
  owner_id: models.owner_id,
  owner: owners.username,
  name: models.name,
  visibility: models.visibility,
  egress_asked_at: models.egress_asked_at,
  egress_allowed_at: models.egress_allowed_at,
}

/** Models that request Internet access, pending requests first, as many as fit on a page. */
export async function listEgressRows(): Promise<EgressRow[]> {
  return read()
    .select(columns)
    .from(models)
    .innerJoin(owners, eq(owners.id, models.owner_id))
    .where(isNotNull(models.egress_asked_at))
    .orderBy(asc(isNotNull(models.egress_allowed_at)), desc(models.egress_asked_at))
    .limit(500)
}

export async function findEgressRow(id: number): Promise<EgressRow | undefined> {
  const [row] = await read()
    .select(columns)
    .from(models)
    .innerJoin(owners, eq(owners.id, models.owner_id))
    .where(eq(models.id, id))
  return row
}

/** Updates a model that still requests access; false if it does not. */
export async function setEgressRow(
  tx: Db,
  id: number,
  fields: Partial<Pick<Row, "egress_asked_at" | "egress_allowed_at">>,
  events: AuditEvent[],
): Promise<boolean> {
  const changed = await tx
    .update(models)
    .set(fields)
    .where(and(eq(models.id, id), isNotNull(models.egress_asked_at)))
    .returning({ id: models.id })
  if (changed.length === 0) return false
  for (const event of events) await recordEvent(tx, event)
  return true
}
