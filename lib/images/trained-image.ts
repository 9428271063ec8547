import { Readable } from "node:stream"

import type { Trained } from "@/db/schema"
import type { Db } from "@/db"
import { problem } from "@/lib/problem"
import { blobStore, readBlob, storeBlob } from "./blobs"
import { bytesHeldBy, findBlob, holdBlobs, type Blob } from "./blob-store"
import { digestOfBytes } from "./digest"
import { readManifest, type Descriptor } from "./manifest"
import { findManifest, storeManifest, type ManifestRow, type Part } from "./manifest-store"
import { storageUsedUpMessage, storageLimit } from "./quota"
import { findRunnableImage } from "./runnable-image"
import { plainName, startCommand, weightsLayer } from "./weights-layer"

/** Weights created by a training. */
export type NewWeights = { name: string; size: number; sha256: string; open(): Promise<Readable> }

/** The trainer: a version of a model by its image, or a bundled model. */
export type TrainerImage = {
  model_id: number
  version: string
  bundled: string | null
  trained: Pick<Trained, "image"> | null
}

/** An image with weights, or an artifact if the trainer has no image. Stored, but not yet held by a model. */
export type TrainedImage = {
  /** The digest of its manifest without the algorithm: the version's ID. */
  id: string
  image: string | null
  weights: Trained["weights"]
  /** The size of the image; null if there is none to pull. */
  size: number | null
  layers: number | null
  manifest: Omit<ManifestRow, "model_id" | "created_at">
  parts: Part[]
  blobs: Blob[]
  base: { row: Omit<ManifestRow, "model_id" | "created_at">; parts: Part[] } | null
}

const empty = "{}"
const artifact = {
  manifest: "application/vnd.oci.image.manifest.v1+json",
  type: "application/vnd.understudy.weights",
  config: "application/vnd.oci.empty.v1+json",
  layer: "application/octet-stream",
}

/**
 * Stores an image for a trained version: the trainer's image plus a layer with the weights, so that it also runs
 * outside of this installation. The same trainer and weights give the same image. Throws `invalid` if the trainer's
 * image no longer exists.
 */
export async function storeTrainedImage(trainer: TrainerImage, weights: NewWeights): Promise<TrainedImage> {
  return trainer.bundled === null ? storeImage(trainer, weights) : storeArtifact(trainer, weights)
}

async function storeImage(trainer: TrainerImage, weights: NewWeights): Promise<TrainedImage> {
  const { digest, row, config, manifest } = await imageOf(trainer)
  const name = plainName(weights.name)
  const { body, ...place } = weightsLayer(name, weights.size, weights.open)
  const layer = await storeBlob(body)
  const own = configWith(config, { layer: layer.digest, trainer: digest, weights: weights.sha256 })
  const stored = await storeBlob(Readable.from([Buffer.from(own)]))
  const docker = manifest.mediaType.includes("docker")
  const layers: Descriptor[] = [
    ...manifest.layers,
    {
      mediaType: docker ? "application/vnd.docker.image.rootfs.diff.tar" : "application/vnd.oci.image.layer.v1.tar",
      digest: layer.digest,
      size: layer.size,
    },
  ]
  const text = JSON.stringify({
    schemaVersion: 2,
    mediaType: manifest.mediaType,
    config: { mediaType: manifest.config!.mediaType, digest: stored.digest, size: stored.size },
    layers,
  })
  const baseParts = partsOf([manifest.config!, ...manifest.layers])
  return {
    ...described(text, manifest.mediaType),
    image: digest,
    weights: { blob: layer.digest, ...place, name, sha256: weights.sha256 },
    size: [...layers, stored].reduce((sum, one) => sum + one.size, 0),
    layers: layers.length,
    parts: [
      ...partsOf([{ digest: stored.digest }, ...layers]),
      // Keeps the trainer's image, which predictions on this installation run.
      { digest, kind: "manifest" },
    ],
    blobs: [layer, stored],
    base: { row: { digest, media_type: row.media_type, body: row.body, size: row.size }, parts: baseParts },
  }
}

async function storeArtifact(trainer: TrainerImage, weights: NewWeights): Promise<TrainedImage> {
  const layer = await storeBlob(await weights.open())
  const config = await storeBlob(Readable.from([Buffer.from(empty)]))
  const name = plainName(weights.name)
  const text = JSON.stringify({
    schemaVersion: 2,
    mediaType: artifact.manifest,
    artifactType: artifact.type,
    config: { mediaType: artifact.config, digest: config.digest, size: config.size },
    layers: [
      {
        mediaType: artifact.layer,
        digest: layer.digest,
        size: layer.size,
        annotations: { "org.opencontainers.image.title": name },
      },
    ],
    annotations: { "understudy.trainer": trainer.version },
  })
  return {
    ...described(text, artifact.manifest),
    image: null,
    weights: { blob: layer.digest, start: 0, size: layer.size, name, sha256: weights.sha256 },
    size: null,
    layers: null,
    parts: partsOf([config, layer]),
    blobs: [layer, config],
    base: null,
  }
}

const described = (body: string, media_type: string) => {
  const digest = digestOfBytes(Buffer.from(body), "sha256")
  return {
    id: digest.slice("sha256:".length),
    manifest: { digest, media_type, body, size: Buffer.byteLength(body) },
  }
}

const partsOf = (blobs: { digest: string }[]): Part[] =>
  [...new Set(blobs.map(({ digest }) => digest))].map((digest) => ({ digest, kind: "blob" }))

/** The image that a trainer runs: from an index, the one that runs here; for a trained version, that of its trainer. */
async function imageOf({ model_id, version, trained }: TrainerImage) {
  const asked = trained?.image ?? `sha256:${version}`
  const row = await findManifest(model_id, asked)
  const found = row && (await findRunnableImage(model_id, readManifest(row.body, row.media_type)))
  const digest = found?.digest ?? asked
  const own = row && found?.digest ? await findManifest(model_id, digest) : row
  if (!own || !found) throw problem("invalid", "The image of the trainer no longer exists.")
  return { digest, row: own, config: found.config, manifest: found.image }
}

type Config = {
  config?: { Entrypoint?: string[] | null; Labels?: object }
  rootfs?: { diff_ids?: string[] }
  history?: object[]
}

/** An image configuration with an additional layer and its entry point. */
function configWith(config: Config, { layer, trainer, weights }: { layer: string; trainer: string; weights: string }) {
  const { config: own = {}, rootfs, history } = config
  return JSON.stringify({
    ...config,
    config: {
      ...own,
      Entrypoint: [startCommand, ...(own.Entrypoint ?? [])],
      Labels: { ...own.Labels, "understudy.trainer": trainer, "understudy.weights": `sha256:${weights}` },
    },
    rootfs: { ...rootfs, type: "layers", diff_ids: [...(rootfs?.diff_ids ?? []), layer] },
    ...(history && { history: [...history, { created_by: "fine-tuned weights" }] }),
  })
}

/**
 * Lets the model hold the image, within the write that creates the version. Throws `forbidden` if the account's quota
 * would be exceeded, and `invalid` if blobs of the trainer no longer exist.
 */
export async function holdTrainedImage(
  tx: Db,
  model: { id: number; owner_id: number; owner: string },
  { manifest, parts, blobs, base }: TrainedImage,
): Promise<void> {
  const most = storageLimit()
  const baseBlobs = base?.parts.map(({ digest }) => digest) ?? []
  if (!(await holdBlobs(tx, model.id, blobs, baseBlobs)))
    throw problem("invalid", "The image of the trainer no longer exists.")
  for (const one of [...(base ? [base] : []), { row: manifest, parts }]) {
    const outcome = await storeManifest(
      tx,
      { row: { ...one.row, model_id: model.id }, parts: one.parts, tag: null, referrer: null },
      most,
    )
    if (outcome !== "full" && outcome.length > 0) throw problem("invalid", "The image of the trainer no longer exists.")
    if (outcome === "full") throw problem("forbidden", storageUsedUpMessage(model.owner))
  }
  if (most !== Infinity && (await bytesHeldBy(model.owner_id, tx)) > most)
    throw problem("forbidden", storageUsedUpMessage(model.owner))
}

/** Deletes the stored blobs of a trained image, except for files that the model holds. */
export async function tidyTrainedImage({ blobs }: TrainedImage, model_id: number | null): Promise<void> {
  for (const { digest, file } of blobs) {
    const used = model_id === null ? undefined : await findBlob(model_id, digest)
    if (used?.file !== file) await blobStore().remove(file)
  }
}

/** Opens the weights of a version; undefined if its model does not hold them. */
export async function openWeights(
  model_id: number,
  { blob, start, size }: Trained["weights"],
): Promise<Readable | undefined> {
  const found = await findBlob(model_id, blob)
  return found && readBlob(found, { start, end: start + size - 1 })
}
