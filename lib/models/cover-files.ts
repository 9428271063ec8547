import { dropUpload } from "@/lib/uploads/upload"
import { coverIsUsed } from "./cover-store"
import type { Model } from "./row"
import type { ModelChanges } from "./store"

/**
 * The change a new cover link makes. The URL of the model's own upload, which clients that send a whole model back
 * include, changes nothing.
 */
export function coverChange(model: Pick<Model, "cover_upload">, link: string | null | undefined): ModelChanges | null {
  if (link === undefined || (model.cover_upload && link?.endsWith(`/cover/${model.cover_upload}.webp`))) return null
  return { cover_image_url: link, cover_upload: null }
}

/** Deletes an upload, unless another model uses the same picture. */
export async function forgetCover(upload: string | null): Promise<void> {
  if (upload) await dropUpload(upload, () => coverIsUsed(upload))
}
