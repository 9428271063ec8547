import { may } from "@/lib/access/policy"
import type { Actor } from "@/lib/auth/actor"
import { withPublicUrls } from "@/lib/files/address"
import { accountOf } from "@/lib/owners/owner"
import { invalid, missing } from "@/lib/problem"
import { createPrediction } from "./create"
import { openSecrets } from "./input"
import { getPrediction } from "./prediction"
import type { Prediction } from "./row"

/**
 * Creates a prediction with the version and input of an earlier one, secrets included. Throws what `getPrediction` and
 * `createPrediction` throw, and `invalid` if the input was removed.
 */
export async function runAgain(actor: Actor, id: string, origin: string): Promise<Prediction> {
  const prediction = await getPrediction(actor, id)
  if (!may(actor, "see", prediction.owner_id)) throw missing()
  if (prediction.data_removed || !prediction.input)
    throw invalid({ prediction: "The input of this prediction was removed." })
  const input = withPublicUrls(openSecrets(id, prediction.input, prediction.secrets), origin)
  const body = { version: `${prediction.model}:${prediction.version}`, input }
  return createPrediction(actor, { version: "named" }, body, { account: await accountOf(prediction.owner_id), origin })
}
