import { z } from "zod"

import { may } from "@/lib/access/policy"
import { writeAs } from "@/lib/access/write-as"
import type { Actor } from "@/lib/auth/actor"
import { fromNow, now } from "@/lib/clock"
import { auditEvent, recordEvent } from "@/lib/events/record"
import { isId, newId } from "@/lib/id"
import { isPublic } from "@/lib/models/visibility"
import { accountOf } from "@/lib/owners/owner"
import { invalid, missing } from "@/lib/problem"
import { expiryOf } from "./end"
import { expiryWithin } from "./expiry"
import { findFitting, getFitting, type FittingPrediction } from "./fitting"
import { getPrediction } from "./prediction"
import type { Prediction } from "./row"
import { deleteShares, findOpenShare, findShare, putShare, type Share } from "./share-store"
import { isOver } from "./status"
import { readPrediction, updatePrediction } from "./store"

export type { Share }

export const ShareInput = z.object({
  /** Whether the link shows only the output. */
  hides_input: z.boolean(),
  /** Days until the link expires; null if it works until revoked. */
  days: z.int("Choose for how long.").min(1, "Choose for how long.").max(365, "Choose at most a year.").nullable(),
})
export type ShareInput = z.input<typeof ShareInput>

/**
 * Creates a public link to a prediction, without its logs and secrets, replacing an earlier one. The data is kept while
 * the link works. Throws what `getPrediction` and `writeAs` throw, and `invalid` if the prediction is unfinished or has
 * no data.
 */
export async function sharePrediction(actor: Actor, id: string, input: ShareInput): Promise<Share> {
  const { hides_input, days } = ShareInput.parse(input)
  const prediction = await ownPrediction(actor, id)
  if (!isOver(prediction.status) || prediction.data_removed)
    throw invalid({ prediction: "Only a finished prediction that still has its data can be shared." })
  const account = await accountOf(prediction.owner_id)
  const expires_at = days === null ? null : fromNow(days * 86_400)
  const share: Share = {
    prediction: prediction.number,
    secret: newId(),
    hides_input,
    created_by: actor.owner_id,
    created_at: now(),
    expires_at,
  }
  await writeAs(actor, { account, ability: "run" }, async (tx) => {
    const now = await readPrediction(tx, id)
    if (!now || now.data_removed) throw missing()
    await putShare(tx, share)
    await updatePrediction(tx, now.number, { expires_at: await expiryWithin(tx, now, now.expires_at ?? expiryOf(now)) })
    await recordEvent(
      tx,
      auditEvent({
        actor,
        owner_id: account.id,
        action: "prediction.shared",
        subject: id,
        details: { expires_at, input: hides_input ? "hidden" : "shown" },
      }),
    )
  })
  return share
}

/**
 * Revokes the link to a prediction; its retention period starts anew. Throws what `sharePrediction` throws, and
 * `missing` without a link.
 */
export async function revokeShare(actor: Actor, id: string): Promise<void> {
  const prediction = await ownPrediction(actor, id)
  const account = await accountOf(prediction.owner_id)
  await writeAs(actor, { account, ability: "run" }, async (tx) => {
    if ((await deleteShares(tx, [prediction.number])) === 0) throw missing()
    await updatePrediction(tx, prediction.number, { expires_at: await expiryWithin(tx, prediction) })
    await recordEvent(tx, auditEvent({ actor, owner_id: account.id, action: "prediction.unshared", subject: id }))
  })
}

/** The link to a prediction, for those who may manage it; null if there is none or it has expired. */
export async function findOwnShare(actor: Actor | null, prediction: Prediction): Promise<Share | null> {
  if (!may(actor, "see", prediction.owner_id)) return null
  const share = await findShare(prediction.number)
  return share && (share.expires_at === null || share.expires_at > now()) ? share : null
}

type SharedPrediction = { prediction: FittingPrediction; share: Share }

/**
 * A shared prediction without private details, such as the name of a private model, as a page shows it. Throws
 * `missing` for an invalid or expired link.
 */
export async function getShared(id: string, secret: string): Promise<SharedPrediction> {
  const share = isId(secret) ? await findOpenShare(secret, now()) : undefined
  const prediction = share && isId(id) ? await findFitting(id) : undefined
  if (!share || prediction?.number !== share.prediction || prediction.data_removed) throw missing()
  return { share, prediction: await withoutPrivate(prediction, share.hides_input) }
}

/**
 * What a link to a prediction would show. Throws `missing` to those who may not see its account, and if it cannot be
 * shared.
 */
export async function previewShare(actor: Actor | null, id: string, hides_input: boolean): Promise<FittingPrediction> {
  const prediction = await getFitting(actor, id)
  if (!may(actor, "see", prediction.owner_id) || !isOver(prediction.status) || prediction.data_removed) throw missing()
  return withoutPrivate(prediction, hides_input)
}

const withoutPrivate = async (prediction: FittingPrediction, hides_input: boolean): Promise<FittingPrediction> => ({
  ...prediction,
  model: (await isPublic(prediction.model_id)) ? prediction.model : "",
  input: hides_input ? {} : prediction.input,
  logs: "",
  webhook: null,
  metrics: prediction.metrics && { predict_time: prediction.metrics.predict_time },
})

async function ownPrediction(actor: Actor | null, id: string): Promise<Prediction> {
  const prediction = await getPrediction(actor, id)
  if (!may(actor, "see", prediction.owner_id)) throw missing()
  return prediction
}
