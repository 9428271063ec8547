import { write } from "@/db"
import { log } from "@/lib/log"
import { storeTrainedImage, tidyTrainedImage, type TrainedImage } from "@/lib/images/trained-image"
import { findDestination } from "@/lib/models/destination"
import { endPrediction, type Outcome } from "@/lib/predictions/running"
import { Problem, problem } from "@/lib/problem"
import { publishPushEvent } from "@/lib/pushes/push"
import { findTrainer, publishTrainedVersion, type TrainedBy } from "@/lib/versions/trained"
import type { Training } from "./training"
import { asNewWeights, weightsIn, type Given } from "./weights"

/** The version about to be created. */
export type NewVersion = { image: TrainedImage; by: Omit<TrainedBy, "by"> }

/**
 * Ends a training. If it succeeded, the same write creates the version of its destination; where that is impossible, the training fails and keeps
 * its weights. Throws errors that are worth a retry, such as an unreachable file store.
 */
export async function endTraining(training: Training, outcome: Outcome): Promise<Training | undefined> {
  if (outcome.status !== "succeeded") return endPrediction(training, outcome)
  const given = await weightsIn(training, outcome.output)
  if (typeof given === "string") return endPrediction(training, { ...outcome, status: "failed", error: given })
  try {
    return await endWithVersion(training, outcome, given)
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    const kept = `${error.detail} The weights are kept: the version can be created again on the page of the training.`
    return endPrediction(training, { ...outcome, status: "failed", output: given.output, error: kept })
  }
}

async function endWithVersion(training: Training, outcome: Outcome, given: Given): Promise<Training | undefined> {
  const destination = await requiredDestination(training)
  const version = await prepareVersion(training, given)
  const output = { ...given.output, version: `${destination.owner}/${destination.name}:${version.image.id}` }
  const ended = await settled(version, destination.id, () =>
    endPrediction(training, { ...outcome, output }, (fn) =>
      write(async (tx) => {
        const row = await fn(tx)
        // Cancelled meanwhile: no version.
        if (!row) return row
        const model = await findDestination(destination.id, training.owner_id, tx)
        if (!model) throw destinationGone(training)
        await publishTrainedVersion(tx, model, version.image, { ...version.by, by: byOf(training) })
        return row
      }),
    ),
  )
  if (ended) announce(destination.id, version)
  return ended
}

async function requiredDestination(training: Training) {
  const { destination_id, owner_id } = training
  const found = destination_id === null ? undefined : await findDestination(destination_id, owner_id)
  if (!found) throw destinationGone(training)
  return found
}

const destinationGone = ({ destination }: Training) =>
  problem("invalid", `${destination} was deleted or transferred to another account.`)

/** Stores everything the training's version needs. Throws `invalid` when its trainer was deleted. */
export async function prepareVersion(training: Training, { file }: Pick<Given, "file">): Promise<NewVersion> {
  const trainer = await findTrainer(training.model_id, training.version)
  if (!trainer) throw problem("invalid", "The trainer was deleted while the training ran.")
  const { bundled, trained } = trainer
  const image = await storeTrainedImage(
    { model_id: training.model_id, version: training.version, bundled, trained },
    asNewWeights(file),
  )
  const by = { training: training.id, trainer: `${training.model}:${training.version}`, version: trainer }
  return { image, by }
}

/** Removes stored content that `publish` did not use. After an unclear failure, that is left to the daily garbage collection. */
export async function settled<T>({ image }: NewVersion, model_id: number, publish: () => Promise<T>): Promise<T> {
  const tidy = (holder: number | null) =>
    tidyTrainedImage(image, holder).catch((error) => log("warn", "stored weights could not be tidied", { error }))
  try {
    const done = await publish()
    await tidy(done === undefined ? null : model_id)
    return done
  } catch (error) {
    if (error instanceof Problem) await tidy(null)
    throw error
  }
}

/** Notifies the pages of the model. */
export const announce = (model_id: number, { image }: NewVersion): void =>
  publishPushEvent(model_id, { type: "version", id: image.id })

const byOf = ({ created_by, source, token_id }: Training): TrainedBy["by"] => ({
  owner_id: created_by,
  via: source,
  ...(token_id !== null && { token_id }),
})
