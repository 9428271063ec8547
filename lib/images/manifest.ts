import { type Problem, problem } from "@/lib/problem"
import { readObject } from "./json"

/** What a manifest points at. */
export type Descriptor = {
  mediaType: string
  digest: string
  size: number
  urls?: string[]
  artifactType?: string
  annotations?: Record<string, string>
  platform?: Partial<Platform>
}

/** What an image runs on. */
export type Platform = { os: string; architecture: string }

export type Manifest = {
  kind: "image" | "index"
  mediaType: string
  artifactType: string | null
  annotations: Record<string, string> | null
  subject: string | null
  /** Of an image only. */
  config: Descriptor | null
  layers: Descriptor[]
  /** Of an index only. */
  manifests: Descriptor[]
}

const kinds: Record<string, Manifest["kind"]> = {
  "application/vnd.oci.image.manifest.v1+json": "image",
  "application/vnd.docker.distribution.manifest.v2+json": "image",
  "application/vnd.oci.image.index.v1+json": "index",
  "application/vnd.docker.distribution.manifest.list.v2+json": "index",
}

/** Whether what a descriptor points at is a manifest itself. Builders put other things into an index too, such as the layers of a cache. */
export const isManifest = (mediaType: string): boolean => Object.hasOwn(kinds, mediaType)

const digest = /^(?:sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/

/** Reads a manifest as it was pushed. Throws `invalid` about the manifest for anything but one of the four kinds that are understood. */
export function readManifest(body: string, contentType: string | undefined): Manifest {
  const json = parsed(body)
  const stated = typeof json.mediaType === "string" ? json.mediaType : undefined
  const labelled = contentType?.split(";", 1)[0]!.trim().toLowerCase()
  const mediaType = labelled && labelled !== "application/octet-stream" ? labelled : stated
  if (json.schemaVersion === 1)
    throw badManifest("Docker's manifests of schema 1 are not accepted. Push with a newer client.")
  if (json.schemaVersion !== 2) throw badManifest("The manifest has no schemaVersion of 2.")
  const kind = mediaType !== undefined && isManifest(mediaType) ? kinds[mediaType] : undefined
  if (!kind)
    throw badManifest(
      `The media type ${mediaType?.slice(0, 200) ?? "of the manifest is missing and"} is not that of an image or an index.`,
    )
  if (stated !== undefined && stated !== mediaType)
    throw badManifest(`The manifest says it is ${stated.slice(0, 200)}, but was sent as ${mediaType}.`)

  if (typeof json.artifactType === "string" && !isType(json.artifactType))
    throw badManifest("The artifactType of the manifest is not one.")

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

/** Layers that live elsewhere by their own account need not be here. */
export const isForeign = ({ mediaType, urls }: Descriptor): boolean =>
  /nondistributable|foreign/.test(mediaType) || (urls !== undefined && urls.length > 0)

/** The refusal of a manifest for what it is. */
export const badManifest = (detail: string): Problem => problem("invalid", detail, { manifest: detail })

/** The refusal of a manifest for what it is made of. */
export const absentPart = (digests: string[]): Problem => {
  const detail = `The manifest is made of what is not here: ${digests.slice(0, 5).join(", ")}${digests.length > 5 ? " and more" : ""}. Push again.`
  return problem("invalid", detail, { part: detail })
}

function parsed(body: string): Record<string, unknown> {
  const json = readObject(body)
  if (!json) throw badManifest("The manifest is not a JSON object, or one of too many parts.")
  return json
}

/** Engines run images of at most 127 layers; what else is kept in a registry has hundreds at most. */
const mostParts = 2000
/** As RFC 6838 has it. */
const longestType = 255
const isType = (text: string) => text.length <= longestType && !text.includes("\0")

function descriptors(value: unknown, where: string): Descriptor[] {
  if (!Array.isArray(value)) throw badManifest(`The manifest has no list of ${where}.`)
  if (value.length > mostParts) throw badManifest(`The manifest has more than ${mostParts} ${where}.`)
  return value.map((one, at) => descriptor(one, `${where}[${at}]`))
}

function descriptor(value: unknown, where: string): Descriptor {
  const one = value as Partial<Descriptor> | null | undefined
  if (typeof one !== "object" || one === null || typeof one.digest !== "string" || typeof one.mediaType !== "string")
    throw badManifest(`The manifest's ${where} needs a mediaType, a digest and a size.`)
  if (!isType(one.mediaType)) throw badManifest(`The mediaType of the manifest's ${where} is not one.`)
  if (!digest.test(one.digest))
    throw badManifest(`The digest of the manifest's ${where} is not a SHA-256 or SHA-512 one.`)
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
