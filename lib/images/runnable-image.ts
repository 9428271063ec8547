import { runnableArchitectures } from "@/lib/runners/runner"
import { readBlob } from "./blobs"
import { holdsImage } from "./image"
import {
  absentPart,
  badManifest,
  isManifest,
  readManifest,
  type Descriptor,
  type Manifest,
  type Platform,
} from "./manifest"
import { readObject } from "./json"
import { findBlob } from "./blob-store"
import { findManifest } from "./manifest-store"

/** An image with its configuration and platform. `digest` is null for the requested manifest itself. */
export type RunnableImage = {
  digest: string | null
  image: Manifest
  config: Record<string, unknown>
  platform: Platform
}

/** The maximum size of an image's configuration, which contains its schema and labels. */
const configLimit = 4 * 1024 * 1024
/** More platforms than any real index has. */
const maxImages = 100
const deepest = 5
/** Limits for reading an index, which can reference the same manifests repeatedly, each of them large. */
const maxManifests = 300
const maxBytes = 16 * 1024 * 1024

/**
 * The image of a manifest or index that can run here: for Linux, preferably amd64, otherwise an architecture of the
 * runners. Null without an image. Throws `invalid` if all are for other platforms, or parts are missing.
 */
export async function findRunnableImage(model_id: number, manifest: Manifest): Promise<RunnableImage | null> {
  const [preferred, ...others] = await runnableArchitectures()
  const found: RunnableImage[] = []
  for await (const image of imagesIn(manifest, readerOf(model_id))) {
    if (runsOn(image, preferred!)) return image
    found.push(image)
    if (found.length === maxImages) break
  }
  if (found.length === 0) return null
  const other = others.flatMap((architecture) => found.find((image) => runsOn(image, architecture)) ?? [])[0]
  if (other) return other
  const there = [...new Set(found.map(({ platform: { os, architecture } }) => `${os}/${architecture}`))]
  throw badManifest(
    `${manifest.kind === "image" ? "The image is" : "The images of the index are"} for ${there.slice(0, 10).join(", ")}, but models run here on ${[preferred, ...others].map((architecture) => `linux/${architecture}`).join(" and ")}. Build with --platform linux/amd64 and push again.`,
  )
}

const runsOn = ({ platform }: RunnableImage, architecture: string) =>
  platform.os === "linux" && platform.architecture === architecture

/** The images of a manifest, those for linux/amd64 or without a platform first. */
async function* imagesIn(
  manifest: Manifest,
  read: Reader,
  stated?: Partial<Platform>,
  depth = 0,
  digest: string | null = null,
): AsyncGenerator<RunnableImage> {
  if (manifest.kind === "image") {
    if (!holdsImage(manifest)) return
    const config = await read.config(manifest.config!)
    yield { digest, image: manifest, config, platform: platformOf(config, stated) }
    return
  }
  if (depth === deepest) throw badManifest(`The index nests indexes more than ${deepest} levels deep.`)
  const likely = (part: Descriptor) => (part.platform?.architecture ?? "amd64") === "amd64"
  const parts = manifest.manifests.filter(mayBeImage)
  for (const part of [...parts.filter(likely), ...parts.filter((part) => !likely(part))]) {
    const within = await read.manifest(part)
    if (within) yield* imagesIn(within, read, part.platform, depth + 1, part.digest)
  }
}

/** Whether a part of an index may be an image, unless it declares itself a signature, weights or an attestation. */
const mayBeImage = (part: Descriptor) =>
  isManifest(part.mediaType) &&
  holdsImage(part) &&
  !(part.platform?.os === "unknown" && part.platform.architecture === "unknown")

type Reader = ReturnType<typeof readerOf>

/** Reads the model's manifests and configurations, each manifest once, within a limit. */
function readerOf(model_id: number) {
  const known = new Set<string>()
  let bytes = 0
  function spend(size: number) {
    bytes += size
    if (bytes > maxBytes || known.size > maxManifests)
      throw badManifest("The index is too large to search for a runnable image. Push it with fewer images.")
  }
  return {
    /** Null if it was already read. */
    async manifest({ digest }: Descriptor): Promise<Manifest | null> {
      if (known.has(digest)) return null
      known.add(digest)
      const row = await findManifest(model_id, digest)
      if (!row) throw absentPart([digest])
      spend(row.size)
      return readManifest(row.body, row.media_type)
    },

    async config({ digest }: Descriptor): Promise<Record<string, unknown>> {
      const blob = await findBlob(model_id, digest)
      if (!blob) throw absentPart([digest])
      if (blob.size > configLimit) throw badManifest("The configuration of the image is larger than 4 MB.")
      spend(blob.size)
      const chunks: Buffer[] = []
      for await (const chunk of await readBlob(blob)) chunks.push(chunk as Buffer)
      return readObject(Buffer.concat(chunks).toString("utf8")) ?? {}
    },
  }
}

/** The platform of an image: from its configuration, otherwise from the index, otherwise linux/amd64. */
function platformOf({ os, architecture }: Record<string, unknown>, stated: Partial<Platform> = {}): Platform {
  const text = (value: unknown, otherwise: string) =>
    typeof value === "string" && value !== "" ? value.slice(0, 50) : otherwise
  return {
    os: text(os, text(stated.os, "linux")),
    architecture: text(architecture, text(stated.architecture, "amd64")),
  }
}
