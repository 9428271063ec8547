import { LRUCache } from "lru-cache"

import { write, writeStatement, type Db } from "@/db"
import { stillHasAbility } from "@/lib/access/write-as"
import { fromNow } from "@/lib/clock"
import { log } from "@/lib/log"
import { storeTrainedImage, tidyTrainedImage, type TrainedImage } from "@/lib/images/trained-image"
import { findDestination, lockDestination } from "@/lib/models/destination"
import { endPrediction, setStoringUntil, type Outcome } from "@/lib/predictions/running"
import { Problem, problem } from "@/lib/problem"
import { publishPushEvent } from "@/lib/pushes/push"
import { findTrainer, publishTrainedVersion, type TrainedBy } from "@/lib/versions/trained"
import type { Training } from "./training"
import { asNewWeights, weightsIn, type Given } from "./weights"

/** The version about to be created. */
export type NewVersion = { image: TrainedImage; by: Omit<TrainedBy, "by"> }

/**
 * Ends a training. If it succeeded, the same write creates the version in its destination; if that is impossible, the
 * training fails and keeps its weights. Concurrent calls for the same training share one result. Throws errors that are
 * worth a retry, such as an unreachable file store.
 */
export function endTraining(training: Training, outcome: Outcome): Promise<Training | undefined> {
  if (outcome.status !== "succeeded") return endPrediction(training, outcome)
  const { ending } = storing()
  const known = ending.get(training.id)
  if (known) return known
  const end = endSucceeded(training, outcome).finally(() => ending.delete(training.id))
  ending.set(training.id, end)
  return end
}

/** How long another server waits for one that stores a version and has ended, in seconds. */
const storingFor = 60

/** Stores the version while no job of any server ends the training. */
async function endSucceeded(training: Training, outcome: Outcome): Promise<Training | undefined> {
  const hold = (until: string | null) => writeStatement((tx) => setStoringUntil(tx, training.id, until))
  await hold(fromNow(storingFor))
  const renewal = setInterval(
    () => hold(fromNow(storingFor)).catch((error) => log("error", "a training could not be held", { error })),
    (storingFor * 1000) / 3,
  )
  const stored = storeVersion(training, outcome).finally(() => clearInterval(renewal))
  return stored.catch(async (error: unknown) => {
    // The runner tries again, or else a job may end the training now. If that fails, too, it may after a minute.
    await hold(null).catch(() => {})
    throw error
  })
}

async function storeVersion(training: Training, outcome: Outcome): Promise<Training | undefined> {
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
  const version = await preparedOnce(training, given)
  const output = { ...given.output, version: `${destination.owner}/${destination.name}:${version.image.id}` }
  const ended = await withTrainedImage(version, destination.id, () =>
    endPrediction(training, { ...outcome, output }, (fn) =>
      write(async (tx) => {
        const row = await fn(tx)
        // Cancelled meanwhile: no version.
        if (!row) return row
        const model = await requiredNow(tx, training)
        await publishTrainedVersion(tx, model, version.image, { ...version.by, by: byOf(training) })
        return row
      }),
    ),
  )
  if (ended) announce(destination.id, version)
  return ended
}

/**
 * Locks the destination. Throws if it is gone, or if the account that started the training may no longer push to it.
 */
async function requiredNow(tx: Db, training: Training) {
  const { destination_id, owner_id, created_by, destination } = training
  const model = await lockDestination(tx, destination_id!, owner_id)
  if (!model) throw destinationGone(training)
  if (!(await stillHasAbility(tx, created_by ?? owner_id, "edit", owner_id)))
    throw problem("forbidden", `The account that started the training may no longer push to ${destination}.`)
  return model
}

type Storing = { ending: Map<string, Promise<Training | undefined>>; prepared: LRUCache<string, NewVersion> }
const key = Symbol.for("understudy.trainings.storing")
const slot = globalThis as typeof globalThis & { [key]?: Storing }
/** Prepared versions are reused for half an hour, before garbage collection may delete their content. */
const storing = (): Storing =>
  (slot[key] ??= { ending: new Map(), prepared: new LRUCache({ max: 20, ttl: 30 * 60_000 }) })

const keyOf = (training: string, sha256: string) => `${training} ${sha256}`

/** Reuses what an earlier, failed attempt has stored. */
async function preparedOnce(training: Training, given: Given): Promise<NewVersion> {
  const { prepared } = storing()
  const known = prepared.get(keyOf(training.id, given.file.sha256))
  if (known) return known
  const version = await prepareVersion(training, given)
  prepared.set(keyOf(training.id, given.file.sha256), version)
  return version
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

/**
 * Removes stored content that `publish` did not use. After an unclear failure, that is left to the daily garbage
 * collection.
 */
export async function withTrainedImage<T>(
  { image, by }: NewVersion,
  model_id: number,
  publish: () => Promise<T>,
): Promise<T> {
  const tidy = (holder: number | null) => {
    storing().prepared.delete(keyOf(by.training, image.weights.sha256))
    return tidyTrainedImage(image, holder).catch((error) =>
      log("warn", "stored weights could not be tidied", { error }),
    )
  }
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
