import { dropUpload } from "@/lib/uploads/upload"
import { coverIsUsed } from "./cover-store"
import { coverFile } from "./cover-path"
import type { Model } from "./row"
import type { ModelChanges } from "./store"

/**
 * The change for a new cover URL. The URL of a picture stored here changes nothing: clients that send back a whole
 * model include it.
 */
export function coverChange(
  model: Pick<Model, "cover_upload" | "cover_image_url" | "example_cover">,
  link: string | null | undefined,
): ModelChanges | null {
  const stored = coverFile(model)
  if (link === undefined || (stored && link?.endsWith(`/cover/${stored}.webp`))) return null
  return { cover_image_url: link, cover_upload: null }
}

/** Deletes an upload, unless another model uses the same picture. */
export async function forgetCover(upload: string | null): Promise<void> {
  if (upload) await dropUpload(upload, () => coverIsUsed(upload))
}
