import { dropUpload } from "@/lib/uploads/upload"
import { coverIsUsed } from "./cover-store"
import { keptCover } from "./cover-path"
import type { Model } from "./row"
import type { ModelChanges } from "./store"

/**
 * The change a new cover link makes. The URL of a picture that is kept here, which clients that send a whole model
 * back include, changes nothing.
 */
export function coverChange(
  model: Pick<Model, "cover_upload" | "cover_image_url" | "example_cover">,
  link: string | null | undefined,
): ModelChanges | null {
  const kept = keptCover(model)
  if (link === undefined || (kept && link?.endsWith(`/cover/${kept}.webp`))) return null
  return { cover_image_url: link, cover_upload: null }
}

/** Deletes an upload, unless another model uses the same picture. */
export async function forgetCover(upload: string | null): Promise<void> {
  if (upload) await dropUpload(upload, () => coverIsUsed(upload))
}
