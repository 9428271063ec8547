import { eq } from "drizzle-orm"

import { read, type Db } from "@/db"
import { create_on_push } from "@/db/schema"
import { recordEvent, type AuditEvent } from "@/lib/events/record"

export async function findCreateOnPush(owner_id: number): Promise<string | undefined> {
  const [row] = await read()
    .select({ hardware: create_on_push.hardware })
    .from(create_on_push)
    .where(eq(create_on_push.owner_id, owner_id))
  return row?.hardware
}

/** `null` turns it off. */
export async function setCreateOnPush(
  tx: Db,
  owner_id: number,
  hardware: string | null,
  event: AuditEvent,
): Promise<void> {
  await recordEvent(tx, event)
  if (hardware === null) await tx.delete(create_on_push).where(eq(create_on_push.owner_id, owner_id))
  else
    await tx
      .insert(create_on_push)
      .values({ owner_id, hardware })
      .onConflictDoUpdate({ target: create_on_push.owner_id, set: { hardware } })
}

/** Part of the write that deletes an account. */
export async function deleteCreateOnPush(tx: Db, owner_id: number): Promise<void> {
  await tx.delete(create_on_push).where(eq(create_on_push.owner_id, owner_id))
}
