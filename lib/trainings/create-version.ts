import { requireAbility } from "@/lib/access/require"
import { writeAs } from "@/lib/access/write-as"
import { requireScope, type Actor } from "@/lib/auth/actor"
import { lockDestination } from "@/lib/models/destination"
import { accountOf } from "@/lib/owners/owner"
import { missing, problem } from "@/lib/problem"
import { replaceOutput } from "@/lib/predictions/running"
import { isOver } from "@/lib/predictions/status"
import { publishTrainedVersion } from "@/lib/versions/trained"
import { announce, prepareVersion, withTrainedImage } from "./ending"
import { getDestination, getTraining, noDestination, type Training } from "./training"
import { weightsIn } from "./weights"

/**
 * Creates the version of a training's weights if it failed to or was deleted: in its destination, or in another model
 * of its account. Throws what `getTraining` and `getDestination` throw, `invalid` for a training without weights, and
 * `forbidden` to those who may not push.
 */
export async function createVersionAgain(actor: Actor, id: string, reference?: string): Promise<Training> {
  const training = await getTraining(actor, id)
  const given = isOver(training.status) ? await weightsIn(training, training.output) : "It is still running."
  if (typeof given === "string") throw problem("invalid", given)
  const destination = await getDestination(actor, reference ?? training.destination ?? "")
  if (destination.owner_id !== training.owner_id) throw noDestination()
  const right = { account: await accountOf(training.owner_id), ability: "edit" } as const
  // Before gigabytes are copied; the write checks it again.
  requireScope(actor, "write")
  requireAbility(actor, right.account, right.ability)
  const version = await prepareVersion(training, given)
  const row = await withTrainedImage(version, destination.id, () =>
    writeAs(actor, right, async (tx) => {
      const model = await lockDestination(tx, destination.id, training.owner_id)
      if (!model) throw noDestination()
      await publishTrainedVersion(tx, model, version.image, { ...version.by, by: actor })
      const name = `${model.owner}/${model.name}`
      const output = { ...given.output, version: `${name}:${version.image.id}` }
      const replaced = await replaceOutput(tx, training.number, { output, destination_id: model.id, destination: name })
      // Its data was deleted meanwhile.
      if (!replaced) throw missing()
      return replaced
    }),
  )
  announce(destination.id, version)
  return { ...training, ...row }
}
