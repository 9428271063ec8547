import type { Db } from "@/db"
import type { Actor } from "@/lib/auth/actor"
import { auditEvent } from "@/lib/events/record"
import { holdTrainedImage, type TrainedImage } from "@/lib/images/trained-image"
import { asProblem } from "@/lib/problem"
import { findVersion, upsertVersion } from "./store"
import type { Version } from "./row"
import { getVersion } from "./version"

/** The version that a training runs, without a visibility check: its creator was allowed to see it. */
export const findTrainer = (model_id: number, id: string): Promise<Version | undefined> => findVersion(model_id, id)

/** The trainer of a version, as `owner/name:id`; null if there is none, or if the actor may not see it. */
export async function trainerShownTo(
  actor: Actor | null,
  { trained }: Pick<Version, "trained">,
): Promise<string | null> {
  const [, owner, name, id] = /^([^/]+)\/([^:]+):(.+)$/.exec(trained?.trainer ?? "") ?? []
  if (!owner) return null
  try {
    await getVersion(actor, owner, name!, id!)
    return trained!.trainer
  } catch (error) {
    if (asProblem(error).kind === "missing") return null
    throw error
  }
}

/** The training that created a version. */
export type TrainedBy = {
  training: string
  /** As `owner/name:id`. */
  trainer: string
  version: Version
  by: Pick<Actor, "owner_id" | "via" | "token_id" | "address">
}

/**
 * Run inside the write that ends a training: makes the image from `storeTrainedImage` the latest version of the
 * destination. Throws what `holdTrainedImage` throws.
 */
export async function publishTrainedVersion(
  tx: Db,
  model: { id: number; owner_id: number; owner: string; name: string },
  image: TrainedImage,
  { training, trainer, version, by }: TrainedBy,
): Promise<Version> {
  await holdTrainedImage(tx, model, image)
  const { cog_version, openapi_schema, form, cog_config, labels, revision, architecture, bundled } = version
  return upsertVersion(
    tx,
    {
      cog_version,
      openapi_schema,
      form,
      cog_config,
      labels,
      revision,
      architecture,
      bundled,
      id: image.id,
      size: image.size,
      layers: image.layers,
      trained: { training, trainer, image: image.image, weights: image.weights },
      model_id: model.id,
      pushed_by: by.owner_id,
    },
    auditEvent({
      actor: by,
      owner_id: model.owner_id,
      action: "version.trained",
      subject: model.name,
      details: { version: image.id, training },
    }),
  )
}
