import { LRUCache } from "lru-cache"

import { consumeRateLimit } from "@/lib/rate-limits/rate-limit"
import type { Actor } from "@/lib/auth/actor"
import { auditEvent } from "@/lib/events/record"
import { reencodePicture } from "@/lib/pictures/picture"
import { readPicture } from "@/lib/files/picture"
import { missing, Problem } from "@/lib/problem"
import { storeUpload, readUpload } from "@/lib/uploads/upload"
import { forgetCover } from "./cover-files"
import { coverFile } from "./cover-path"
import { getModel, getEditableModel, requireCanEdit } from "./model"
import type { Model } from "./row"
import { updateModelRow } from "./store"
import { writeModelAs } from "./write"

const uploadsPerHour = 120

/**
 * Sets an uploaded picture as the cover. Throws what `getEditableModel` throws, and `invalid` or `tooLarge` for an
 * unusable picture.
 */
export async function setCover(actor: Actor, owner: string, name: string, bytes: Buffer): Promise<Model> {
  const model = await getEditableModel(actor, owner, name)
  await consumeRateLimit(`cover:${actor.owner_id}`, uploadsPerHour, 3600, "Too many uploads.")
  const picture = await reencodePicture(bytes, "cover")
  const cover_upload = await storeUpload(picture)
  const event = auditEvent({
    actor,
    owner_id: model.owner_id,
    action: "model.updated",
    subject: name,
    details: { cover_upload: "changed" },
  })
  const saved = writeModelAs(actor, model, requireCanEdit, (tx) =>
    updateModelRow(tx, model.id, { cover_upload, cover_image_url: null }, event),
  )
  await saved.catch(async (error: unknown) => {
    await forgetCover(cover_upload)
    throw error
  })
  // A concurrent upload of the same picture may not have seen this model's use of it.
  if ((await readUpload(cover_upload)) === null) await storeUpload(picture)
  if (model.cover_upload !== cover_upload) await forgetCover(model.cover_upload)
  return getModel(actor, owner, name)
}

/**
 * A cover as WebP, and whether it is public. Throws what `getModel` throws, and `missing` for any file but the current
 * cover.
 */
export async function getCover(
  actor: Actor | null,
  owner: string,
  name: string,
  file: string,
): Promise<{ picture: Buffer; visibility: Model["visibility"] }> {
  const model = await getModel(actor, owner, name)
  const stored = coverFile(model)
  if (!stored || file !== `${stored}.webp`) throw missing()
  const picture = model.cover_upload ? await readUpload(stored) : await examplePicture(stored)
  if (!picture) throw missing()
  return { picture, visibility: model.visibility }
}

/** Pictures of examples as sent, so that they are not re-encoded for every request. */
const examplePictures = new LRUCache<string, Buffer>({
  maxSize: 16 * 1024 * 1024,
  sizeCalculation: ({ length }) => length + 1,
  fetchMethod: async (file) => reencodePicture(await readPicture(file), "cover"),
})

/** The picture of an example; null if it cannot be shown. */
async function examplePicture(file: string): Promise<Buffer | null> {
  try {
    return (await examplePictures.fetch(file)) ?? null
  } catch (error) {
    if (error instanceof Problem && ["invalid", "tooLarge", "missing"].includes(error.kind)) return null
    throw error
  }
}
