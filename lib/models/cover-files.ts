import { dropUpload } from "@/lib/uploads/upload"
import { coverIsUsed } from "./cover-store"
import type { Model } from "./row"
import type { ModelChanges } from "./store"

/** What a new cover link changes. The address of the model's own upload is what clients that send a whole model back have in it: no change. */
export function coverChange(model: Pick<Model, "cover_upload">, link: string | null | undefined): ModelChanges | null {
  if (link === undefined || (model.cover_upload && link?.endsWith(`/cover/${model.cover_upload}.webp`))) return null
  return { cover_image_url: link, cover_upload: null }
}

/** Removes an upload from the disk, unless another model has the same picture. */
export async function forgetCover(upload: string | null): Promise<void> {
  if (upload) await dropUpload(upload, () => coverIsUsed(upload))
}
