import { type Problem, problem } from "@/lib/problem"
import { readObject } from "./json"

/** A descriptor: what a manifest points to. */
export type Descriptor = {
  mediaType: string
  digest: string
  size: number
  urls?: string[]
  artifactType?: string
  annotations?: Record<string, string>
  platform?: Partial<Platform>
}

/** The platform of an image. */
export type Platform = { os: string; architecture: string }

export type Manifest = {
  kind: "image" | "index"
  mediaType: string
  artifactType: string | null
  annotations: Record<string, string> | null
  subject: string | null
  /** Only for images. */
  config: Descriptor | null
  layers: Descriptor[]
  /** Only for indexes. */
  manifests: Descriptor[]
}

const kinds: Record<string, Manifest["kind"]> = {
  "application/vnd.oci.image.manifest.v1+json": "image",
  "application/vnd.docker.distribution.manifest.v2+json": "image",
  "application/vnd.oci.image.index.v1+json": "index",
  "application/vnd.docker.distribution.manifest.list.v2+json": "index",
}

/** Whether a media type is that of a manifest. Indexes can contain others too, such as cache layers. */
export const isManifest = (mediaType: string): boolean => Object.hasOwn(kinds, mediaType)

const digest = /^(?:sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/

/** Parses a pushed manifest. Throws `invalid` unless it is one of the four supported kinds. */
export function readManifest(body: string, contentType: string | undefined): Manifest {
  const json = parsed(body)
  const stated = typeof json.mediaType === "string" ? json.mediaType : undefined
  const labelled = contentType?.split(";", 1)[0]!.trim().toLowerCase()
  const mediaType = labelled && labelled !== "application/octet-stream" ? labelled : stated
  if (json.schemaVersion === 1)
    throw badManifest("Docker manifests of schema 1 are not supported. Push with a newer client.")
  if (json.schemaVersion !== 2) throw badManifest("The manifest has no schemaVersion of 2.")
  const kind = mediaType !== undefined && isManifest(mediaType) ? kinds[mediaType] : undefined
  if (!kind)
    throw badManifest(
      `The media type ${mediaType?.slice(0, 200) ?? "of the manifest is missing and"} is not that of an image or an index.`,
    )
  if (stated !== undefined && stated !== mediaType)
    throw badManifest(`The manifest has the mediaType ${stated.slice(0, 200)}, but was sent as ${mediaType}.`)

  if (typeof json.artifactType === "string" && !isType(json.artifactType))
    throw badManifest("The artifactType of the manifest is invalid.")

  const config = kind === "image" ? descriptor(json.config, "config") : null
  return {
    kind,
    mediaType: mediaType!,
    artifactType: typeof json.artifactType === "string" && json.artifactType !== "" ? json.artifactType : null,
    annotations: texts(json.annotations),
    subject: json.subject === undefined || json.subject === null ? null : descriptor(json.subject, "subject").digest,
    config,
    layers: kind === "image" ? descriptors(json.layers, "layers") : [],
    manifests: kind === "index" ? descriptors(json.manifests, "manifests") : [],
  }
}

/** Whether a layer is foreign: stored elsewhere, so that it need not exist here. */
export const isForeign = ({ mediaType, urls }: Descriptor): boolean =>
  /nondistributable|foreign/.test(mediaType) || (urls !== undefined && urls.length > 0)

/** The error for an invalid manifest. */
export const badManifest = (detail: string): Problem => problem("invalid", detail, { manifest: detail })

/** The error for a manifest with missing parts. */
export const absentPart = (digests: string[]): Problem => {
  const detail = `The manifest references blobs that were not uploaded: ${digests.slice(0, 5).join(", ")}${digests.length > 5 ? " and more" : ""}. Push again.`
  return problem("invalid", detail, { part: detail })
}

function parsed(body: string): Record<string, unknown> {
  const json = readObject(body)
  if (!json) throw badManifest("The manifest is not a JSON object, or has too many parts.")
  return json
}

/** Docker runs images of at most 127 layers; other artifacts have hundreds at most. */
const maxParts = 2000
/** RFC 6838. */
const longestType = 255
const isType = (text: string) => text.length <= longestType && !text.includes("\0")

function descriptors(value: unknown, where: string): Descriptor[] {
  if (!Array.isArray(value)) throw badManifest(`The manifest has no list of ${where}.`)
  if (value.length > maxParts) throw badManifest(`The manifest has more than ${maxParts} ${where}.`)
  return value.map((one, at) => descriptor(one, `${where}[${at}]`))
}

function descriptor(value: unknown, where: string): Descriptor {
  const one = value as Partial<Descriptor> | null | undefined
  if (typeof one !== "object" || one === null || typeof one.digest !== "string" || typeof one.mediaType !== "string")
    throw badManifest(`The manifest's ${where} needs a mediaType, a digest and a size.`)
  if (!isType(one.mediaType)) throw badManifest(`The mediaType of the manifest's ${where} is invalid.`)
  if (!digest.test(one.digest))
    throw badManifest(`The digest of the manifest's ${where} is not a SHA-256 or SHA-512 digest.`)
  if (!Number.isSafeInteger(one.size) || one.size! < 0)
    throw badManifest(`The size of the manifest's ${where} is not a number of bytes.`)
  return {
    mediaType: one.mediaType,
    digest: one.digest,
    size: one.size!,
    ...(Array.isArray(one.urls) && { urls: one.urls.filter((url) => typeof url === "string") }),
    ...(typeof one.artifactType === "string" && one.artifactType !== "" && { artifactType: one.artifactType }),
    ...(texts(one.annotations) && { annotations: texts(one.annotations)! }),
    ...(typeof one.platform === "object" && one.platform !== null && { platform: one.platform }),
  }
}

function texts(value: unknown): Record<string, string> | null {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return null
  return Object.fromEntries(
    Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === "string"),
  )
}
