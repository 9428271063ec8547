import type { Actor } from "@/lib/auth/actor"
import { getModel } from "@/lib/models/model"
import { countFitting } from "@/lib/page"
import { listExampleInputs } from "./example-store"
import { listOf } from "./prediction"
import { findInputs, listInputSizes } from "./store"

/** An input that a prediction ran on; `number` is the prediction's. */
export type EarlierInput = { number: number; input: Record<string, unknown> }

/** A list ends before its inputs are larger in total. */
const maxBytes = 4 * 1024 * 1024

/**
 * Up to `most` inputs on which other versions of a model ran: those of its examples, or of the newest successful
 * predictions of the actor's account. Without secrets, which are not used again. Throws what `getModel` throws.
 */
export async function listEarlierInputs(
  actor: Actor,
  owner: string,
  name: string,
  version: string,
  of: "examples" | "runs",
  most: number,
): Promise<EarlierInput[]> {
  const { id } = await getModel(actor, owner, name)
  const found =
    of === "examples"
      ? await listExampleInputs(id)
      : await listInputSizes(
          await listOf(actor, { model: `${owner}/${name}`, status: "succeeded" }, { id: actor.owner_id }),
        )
  const usable = found.filter((one) => one.version !== version && one.bytes > 0 && !one.secrets?.length).slice(0, most)
  const numbers = usable
    .slice(
      0,
      countFitting(usable, ({ bytes }) => bytes, maxBytes),
    )
    .map(({ number }) => number)
  const inputs = await findInputs(numbers)
  return numbers.flatMap((number) => {
    const input = inputs.get(number)
    return input ? [{ number, input }] : []
  })
}
