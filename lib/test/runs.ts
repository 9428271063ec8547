import { write } from "@/db"
import { predictions } from "@/db/schema"
import type { Actor } from "@/lib/auth/actor"
import { now } from "@/lib/clock"
import { newId } from "@/lib/id"
import { aModel } from "./factories"

/** Inserts a queued prediction of a new model of the actor. */
export async function aRun(actor: Actor, fields: Partial<typeof predictions.$inferInsert> = {}) {
  const model = await aModel(actor)
  const [row] = await write((tx) =>
    tx
      .insert(predictions)
      .values({
        id: newId(),
        owner_id: actor.owner_id,
        created_by: actor.owner_id,
        model_id: model.id,
        version: "0".repeat(64),
        operation: "predict",
        pool: "version:0",
        status: "starting",
        input: {},
        logs: "",
        source: "api",
        streams: null,
        begun: false,
        created_at: now(),
        kept: false,
        data_removed: false,
        counted: false,
        ...fields,
      })
      .returning(),
  )
  return row!
}
