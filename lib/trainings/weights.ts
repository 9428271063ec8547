import { secretIn } from "@/lib/files/address"
import { openFile, type File } from "@/lib/files/file"
import { findOutput } from "@/lib/files/output"
import { outputOf } from "./output"
import type { Training } from "./training"

/** The output of a training, with the file of its weights. */
export type Given = { output: Record<string, unknown> & { weights: string }; file: File }

/**
 * Finds the weights in an output: a file alone, the last that was yielded, or `weights` of an object. Returns a
 * sentence if there are none. URLs of other hosts do not count: downloading them could leak data from a model without
 * network.
 */
export async function weightsIn(training: Training, output: unknown): Promise<Given | string> {
  const object = outputOf(output, true)
  const address = object?.weights
  if (typeof address !== "string" || address === "")
    return "The training returned no weights, so no version was created. Its train function must return a file, or an object with weights."
  const secret = secretIn(address)
  const file = secret === undefined ? undefined : await findOutput(secret)
  if (file?.owner_id !== training.owner_id)
    return `The training returned weights that are not one of its own files: ${address.slice(0, 200)}`
  return { output: { ...object, weights: address }, file }
}

/** In the form `storeTrainedImage` takes. */
export const asNewWeights = (file: File) => ({
  name: file.name,
  size: file.size,
  sha256: file.sha256,
  open: () => openFile(file),
})
