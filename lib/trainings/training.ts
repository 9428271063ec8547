import { may } from "@/lib/access/policy"
import { requireAbility } from "@/lib/access/require"
import { requireScope, type Actor } from "@/lib/auth/actor"
import { newId } from "@/lib/id"
import { lockDestination } from "@/lib/models/destination"
import { getModel, type Model } from "@/lib/models/model"
import type { Page } from "@/lib/page"
import { poolOfTraining } from "@/lib/pools/row"
import { missing, problem, Problem } from "@/lib/problem"
import { requireMayRun } from "@/lib/predictions/create"
import { canTrain, prepareInput } from "@/lib/predictions/input"
import { InvalidInput, type InvalidField } from "@/lib/predictions/invalid-input"
import { cancelPrediction, getPrediction, listPredictions, pageSize } from "@/lib/predictions/prediction"
import { queueRun } from "@/lib/predictions/queue-run"
import { readRequest, wrongType } from "@/lib/predictions/request"
import type { Prediction } from "@/lib/predictions/row"
import type { PredictionFilter } from "@/lib/predictions/schema"
import { getRunnableVersion, openapiOf } from "@/lib/versions/reference"
import { getVersion } from "@/lib/versions/version"
import { checkData, type DataCheck } from "./data"
import { keysOfTrainings } from "./schema"

/** A run whose operation is `train`. */
export type Training = Prediction

/** The version to train, by its model's reference and its ID. */
export type Trainer = { owner: string; name: string; id: string }

/**
 * Queues a training. It belongs to the account of its destination, which pays for it. Throws `missing` for a trainer or
 * destination that does not exist, `invalidInput` for a version that cannot be trained and for every error in body and
 * input, `forbidden` to members who may not push to the destination, and what `queueRun` throws.
 */
export async function createTraining(
  actor: Actor,
  trainer: Trainer,
  body: unknown,
  { origin, cancelAfter }: { origin: string; cancelAfter?: string },
): Promise<Training> {
  requireScope(actor, "write")
  await getVersion(actor, trainer.owner, trainer.name, trainer.id)
  const runnable = await getRunnableVersion(actor, `${trainer.owner}/${trainer.name}:${trainer.id}`)
  const request = readRequest(body, { namesVersion: false, cancelAfter, others: keysOfTrainings })
  const own = readOwn(body as Record<string, unknown>)
  const wrong = [...("invalid" in request ? request.invalid : []), ...("invalid" in own ? own.invalid : [])]
  if ("invalid" in request || "invalid" in own) throw new InvalidInput(wrong)
  if (!canTrain(await openapiOf(runnable.number))) throw new InvalidInput([cannotTrain])

  const destination = await getDestination(actor, own.destination)
  const account = { id: destination.owner_id, username: destination.owner }
  requireAbility(actor, account, "edit")
  requireMayRun(account, actor, runnable)
  const id = newId()
  return queueRun(actor, account, {
    id,
    operation: "train",
    runnable,
    request,
    origin,
    // A pool of its own gives it a fresh instance, without traces of other runs.
    pool: { key: poolOfTraining(id), owner_id: account.id, max_instances: 1 },
    ability: "edit",
    training: {
      destination_id: destination.id,
      destination: `${destination.owner}/${destination.name}`,
      cost_limit_usd: own.cost_limit_usd,
    },
    async alongside(tx) {
      if (!(await lockDestination(tx, destination.id, account.id))) throw noDestination()
    },
  })
}

/**
 * Validates an input without saving anything, and returns the findings for its files. Throws `invalidInput` for what
 * the version's training schema does not accept, and what `getVersion` throws.
 */
export async function checkTraining(
  actor: Actor,
  { owner, name, id }: Trainer,
  input: Record<string, unknown>,
): Promise<DataCheck[]> {
  requireScope(actor, "write")
  const { number } = await getVersion(actor, owner, name, id)
  const openapi = await openapiOf(number)
  if (!canTrain(openapi)) throw new InvalidInput([cannotTrain])
  const prepared = prepareInput(openapi, input, "TrainingInput")
  if ("invalid" in prepared) throw new InvalidInput(prepared.invalid)
  return checkData(actor.owner_id, prepared.input, prepared.files)
}

const cannotTrain: InvalidField = {
  type: "not_trainable",
  field: "",
  description: "This version cannot be trained: its model has no train function",
}

/** The fields that only trainings have. */
function readOwn(
  body: Record<string, unknown>,
): { destination: string; cost_limit_usd: string | null } | { invalid: InvalidField[] } {
  const { destination, cost_limit_usd } = body ?? {}
  const invalid: InvalidField[] = []
  if (destination === undefined || destination === null)
    invalid.push({ type: "required", field: "", description: "destination is required" })
  else if (typeof destination !== "string") invalid.push(wrongType("destination", "string", destination))
  const limit = cost_limit_usd === undefined || cost_limit_usd === null ? null : limitOf(cost_limit_usd)
  if (limit === undefined)
    invalid.push({
      type: "format",
      field: "cost_limit_usd",
      description: "Enter an amount in US dollars, such as 2.50",
    })
  if (invalid.length > 0) return { invalid }
  return { destination: (destination as string).trim(), cost_limit_usd: limit ?? null }
}

/** A positive amount as an exact decimal; undefined if it is invalid. */
function limitOf(given: unknown): string | undefined {
  const text =
    typeof given === "number" ? String(given) : typeof given === "string" ? given.trim().replace(/^\$/, "") : ""
  return /^\d{1,9}(\.\d{1,9})?$/.test(text) && Number(text) > 0 ? text : undefined
}

/**
 * Finds a model the actor may use as a destination. Throws `missing`, worded as in the published contract, for any
 * other.
 */
export async function getDestination(actor: Actor, reference: string): Promise<Model> {
  const [owner, name, ...more] = reference.split("/")
  if (!owner || !name || more.length > 0) throw noDestination()
  const model = await getModel(actor, owner, name).catch((error: unknown) => {
    throw error instanceof Problem && error.kind === "missing" ? noDestination() : error
  })
  if (!may(actor, "see", model.owner_id)) throw noDestination()
  return model
}

export const noDestination = () => problem("missing", "The specified training destination does not exist")

/** Throws `missing` for anything but a training, and to those who may not see it. */
export async function getTraining(actor: Actor | null, id: string): Promise<Training> {
  const training = await getPrediction(actor, id)
  if (training.operation !== "train") throw missing()
  return training
}

/** The trainings of an account, newest first. Throws what `listPredictions` throws. */
export const listTrainings = (
  actor: Actor,
  from?: string,
  filter: PredictionFilter = {},
  account?: { id: number },
  limit = pageSize,
): Promise<Page<Training>> => listPredictions(actor, filter, from, account, limit, "train")

/** Cancels a training; its output so far is kept. Throws what `getTraining` and `cancelPrediction` throw. */
export async function cancelTraining(actor: Actor, id: string): Promise<Training> {
  await getTraining(actor, id)
  return cancelPrediction(actor, id)
}
