import { auditEvent, type AuditEvent } from "@/lib/events/record"
import type { Action } from "@/lib/events/schema"
import { log } from "@/lib/log"
import { publishPushEvent } from "@/lib/pushes/push"
import { recordPull, type Model } from "@/lib/models/model"
import { asProblem, problem } from "@/lib/problem"
import { isToolTag, latestFollows } from "@/lib/versions/schema"
import { deleteVersion, publishVersion } from "@/lib/versions/version"
import { pullableModel, pushableModel, withPushableModel, writePush, type Caller } from "./access"
import type { ByteRange } from "@/lib/images/blob-storage"
import { algorithmOf, digestOfBytes, isDigest } from "@/lib/images/digest"
import { holdsImage, readImageConfig } from "@/lib/images/image"
import { storageUsedUpMessage, storageLimit } from "@/lib/images/quota"
import {
  absentPart,
  badManifest,
  isForeign,
  isManifest,
  readManifest,
  type Descriptor,
  type Manifest,
} from "@/lib/images/manifest"
import { findRunnableImage, type RunnableImage } from "@/lib/images/runnable-image"
import {
  deleteManifest as deleteManifestRow,
  findManifest,
  findTagged,
  isVersion,
  storeManifest,
  listReferrerRows,
  type ManifestRow,
  type NewManifest,
  type Referrer,
} from "@/lib/images/manifest-store"
import { deleteTag, listTagNames } from "@/lib/images/tag-store"
import { dropBlob, findBlob, type Blob } from "@/lib/images/blob-store"

export type { ByteRange }
/** The maximum manifest size, as in the specification. */
export const manifestLimit = 4 * 1024 * 1024

/** A blob of the model. Throws `missing` about the blob. */
export async function getBlob(caller: Caller, owner: string, name: string, digest: string): Promise<Blob> {
  const model = await pullableModel(caller, owner, name)
  const blob = await findBlob(model.id, digest)
  if (!blob) throw unknownBlob(digest)
  return blob
}

/** A manifest by tag or digest. Throws `missing` about the manifest. */
export async function getManifest(
  caller: Caller,
  owner: string,
  name: string,
  reference: string,
): Promise<ManifestRow> {
  const model = await pullableModel(caller, owner, name)
  const manifest = await (reference.includes(":") ? findManifest(model.id, reference) : findTagged(model.id, reference))
  if (!manifest) throw unknownManifest(reference)
  return manifest
}

/** `getManifest` for a pull. The model's page reports the first pull. */
export async function pullManifest(
  caller: Caller,
  owner: string,
  name: string,
  reference: string,
): Promise<ManifestRow> {
  const manifest = await getManifest(caller, owner, name, reference)
  const model = await pullableModel(caller, owner, name)
  if (model.latest_version_id === null || model.pulled_at !== null) return manifest
  // A failure to record the pull must not fail it; the next pull tries again.
  await recordPull(model).then(
    () => publishPushEvent(model.id, { type: "pulled" }),
    (error: unknown) => log("warn", "the first pull could not be recorded", { error }),
  )
  return manifest
}

export type Pushed = { digest: string; subject: string | null }

/**
 * Stores a manifest unchanged. An image pushed under a tag becomes the model's latest version before this returns; one
 * pushed by digest is part of a later push. Throws `invalid` about the manifest, a missing part, or the digest.
 */
export async function putManifest(
  caller: Caller,
  owner: string,
  name: string,
  reference: string,
  body: Buffer,
  contentType?: string,
): Promise<Pushed> {
  return withPushableModel(caller, owner, name, async (model) => {
    try {
      return await storePushed(caller, model, reference, body, contentType)
    } catch (error) {
      publishPushEvent(model.id, { type: "refused", detail: asProblem(error).detail })
      throw error
    }
  })
}

async function storePushed(
  caller: Caller,
  model: Model,
  reference: string,
  body: Buffer,
  contentType: string | undefined,
): Promise<Pushed> {
  const isTag = !reference.includes(":")
  const digest = digestOfBytes(body, isTag ? "sha256" : algorithmOf(reference))
  if (!isTag && digest !== reference) {
    const detail = `The manifest has the digest ${digest}, not ${reference}.`
    throw problem("invalid", detail, { digest: detail })
  }
  const text = textOf(body)
  const manifest = readManifest(text, contentType)
  const newManifest: NewManifest = {
    row: {
      model_id: model.id,
      digest,
      media_type: manifest.mediaType,
      body: text,
      size: body.length,
    },
    referrer: manifest.subject === null ? null : referrerOf(manifest, manifest.subject, body.length),
    parts: partsOf(manifest),
    tag: isTag ? reference : null,
  }
  const runnable = isTag && mayBeVersion(reference, manifest) ? await findRunnableImage(model.id, manifest) : null
  if (reference === "latest" && !runnable)
    throw badManifest(
      "The tag latest is the model's latest version, but the pushed manifest contains no image. Push it with another tag.",
    )
  if (runnable) await publish(caller, model, runnable, newManifest)
  else {
    const tagged = isTag ? changeOf(caller, model, "tag.moved", { tag: reference, manifest: digest }) : undefined
    requireStored(
      model,
      await writePush(caller, model, (tx) => storeManifest(tx, { ...newManifest, tagged }, storageLimit())),
    )
  }
  return { digest, subject: manifest.subject }
}

/** Whether tagging a manifest creates a version, provided it contains an image. */
const mayBeVersion = (tag: string, manifest: Manifest) => !isToolTag(tag) && holdsImage(manifest)

async function publish(
  { actor }: Caller,
  model: Model,
  { image, config, platform }: RunnableImage,
  newManifest: NewManifest,
) {
  const { digest } = newManifest.row
  publishPushEvent(model.id, { type: "manifest", digest, tag: newManifest.tag! })
  const facts = readImageConfig(config)
  publishPushEvent(model.id, { type: "schema", inputs: facts.inputs })

  const layers = new Map([...image.layers, image.config!].map((layer) => [layer.digest, layer.size]))
  const version = await publishVersion(
    actor!,
    model,
    {
      ...facts,
      id: digest.slice("sha256:".length),
      architecture: platform.architecture,
      layers: image.layers.length,
      size: [...layers.values()].reduce((sum, size) => sum + size, 0),
    },
    async (tx) => requireStored(model, await storeManifest(tx, newManifest, storageLimit())),
  )
  publishPushEvent(model.id, { type: "version", id: version.id })
}

/** Decodes the bytes; throws `invalid` if they are not valid UTF-8. */
function textOf(body: Buffer): string {
  const text = body.toString("utf8")
  if (text.includes("\0") || !Buffer.from(text).equals(body))
    throw problem("invalid", "The manifest is not valid UTF-8.", { manifest: "not UTF-8" })
  return text
}

function partsOf({ config, layers, manifests }: Manifest): NewManifest["parts"] {
  const others = manifests.filter(({ mediaType }) => !isManifest(mediaType))
  const blobs = [...(config ? [config] : []), ...layers, ...others].filter((part) => !isForeign(part))
  const within = manifests.filter(({ mediaType }) => isManifest(mediaType))
  return [
    ...[...new Set(blobs.map(({ digest }) => digest))].map((digest) => ({ digest, kind: "blob" as const })),
    ...[...new Set(within.map(({ digest }) => digest))].map((digest) => ({ digest, kind: "manifest" as const })),
  ]
}

const referrerOf = (manifest: Manifest, subject: string, size: number): NewManifest["referrer"] => ({
  subject,
  media_type: manifest.mediaType,
  size,
  artifact_type: manifest.artifactType ?? (manifest.config ? manifest.config.mediaType : null),
  annotations: manifest.annotations && shortened(manifest.annotations),
})

/** The annotations shown in lists: the first ones that fit. The manifest contains all of them. */
const longestAnnotations = 16 * 1024

function shortened(annotations: Record<string, string>): Record<string, string> {
  let left = longestAnnotations
  return Object.fromEntries(
    Object.entries(annotations).filter(([name, value]) => (left -= name.length + value.length) >= 0),
  )
}

function requireStored(model: Model, outcome: string[] | "full") {
  if (outcome === "full") throw problem("forbidden", storageUsedUpMessage(model.owner))
  if (outcome.length > 0) throw absentPart(outcome)
}

/** The maximum number of tags on a page, even if more are requested. */
const maxTags = 1000

/** A page of the model's tags in order, and whether there are more. */
export async function listTags(
  caller: Caller,
  owner: string,
  name: string,
  { last = "", limit = maxTags },
): Promise<{ tags: string[]; more: boolean }> {
  const model = await pullableModel(caller, owner, name)
  const most = Math.min(limit, maxTags)
  const found = await listTagNames(model.id, last, most + 1)
  return { tags: found.slice(0, most), more: most > 0 && found.length > most }
}

/** The maximum size of a page of referrers: clients accept four megabytes. */
const referrersBytes = 1024 * 1024
const referrersAtOnce = 100

/**
 * A page of the referrers of a manifest, such as its signatures, and the start of the next page. The manifest itself
 * need not exist. `from` is the `next` of an earlier page. Throws `invalid` for any other value.
 */
export async function listReferrers(
  caller: Caller,
  owner: string,
  name: string,
  digest: string,
  { artifactType, from }: { artifactType?: string; from?: string } = {},
): Promise<{ manifests: Descriptor[]; next: string | null }> {
  const model = await pullableModel(caller, owner, name)
  const manifests: Descriptor[] = []
  let at = from === undefined ? null : readPlace(from)
  for (let bytes = 0; ;) {
    const rows = await listReferrerRows(model.id, digest, {
      artifact_type: artifactType,
      from: at,
      limit: referrersAtOnce,
    })
    for (const row of rows) {
      const shown = presentReferrer(row)
      bytes += JSON.stringify(shown).length
      if (bytes > referrersBytes && manifests.length > 0) return { manifests, next: writePlace(at!) }
      manifests.push(shown)
      at = [row.created_at, row.digest]
    }
    if (rows.length < referrersAtOnce) return { manifests, next: null }
  }
}

const presentReferrer = (row: Referrer): Descriptor => ({
  mediaType: row.media_type,
  digest: row.digest,
  size: row.size,
  ...(row.artifact_type && { artifactType: row.artifact_type }),
  ...(row.annotations && { annotations: row.annotations }),
})

type ReferrerPlace = [created_at: string, digest: string]

const writePlace = (place: ReferrerPlace) => Buffer.from(place.join(" ")).toString("base64url")

function readPlace(text: string): ReferrerPlace {
  const [created_at, digest, ...more] = Buffer.from(text, "base64url").toString().split(" ")
  if (created_at && digest && isDigest(digest) && more.length === 0 && !created_at.includes("\0"))
    return [created_at, digest]
  throw problem("invalid", "last is not the end of a page of referrers.", { size: "last" })
}

/** Deletes a tag, or a manifest with all its tags. A manifest that is a version is deleted as a version. */
export async function deleteManifest(caller: Caller, owner: string, name: string, reference: string): Promise<void> {
  const model = await pushableModel(caller, owner, name)
  if (!reference.includes(":")) {
    if (reference === "latest" && (await findTagged(model.id, reference))) throw problem("forbidden", latestFollows)
    const event = changeOf(caller, model, "alias.removed", { alias: reference })
    if (!(await writePush(caller, model, (tx) => deleteTag(tx, model.id, reference, event))))
      throw unknownManifest(reference)
    return
  }
  const id = reference.slice("sha256:".length)
  if (await isVersion(model.id, id)) return deleteVersion(caller.actor!, owner, name, id)
  const event = changeOf(caller, model, "manifest.deleted", { manifest: reference })
  const outcome = await writePush(caller, model, (tx) => deleteManifestRow(tx, model.id, reference, event))
  if (outcome === "missing") throw unknownManifest(reference)
  if (outcome === "used")
    throw problem("forbidden", `An index of ${owner}/${name} references ${reference}. Delete the index first.`)
}

/** Removes a blob from the model. Throws `forbidden` while a manifest references it. */
export async function deleteBlob(caller: Caller, owner: string, name: string, digest: string): Promise<void> {
  const model = await pushableModel(caller, owner, name)
  const event = changeOf(caller, model, "blob.deleted", { blob: digest })
  const outcome = await writePush(caller, model, (tx) => dropBlob(tx, model.id, digest, event))
  if (outcome === "missing") throw unknownBlob(digest)
  if (outcome === "used")
    throw problem("forbidden", `A manifest of ${owner}/${name} references ${digest}. Delete the manifest first.`)
}

const changeOf = ({ actor }: Caller, { owner_id, name }: Model, action: Action, details: AuditEvent["details"]) =>
  auditEvent({ actor, owner_id, action, subject: name, details })

const unknownBlob = (digest: string) => problem("missing", `There is no blob ${digest}.`, { blob: digest })

const unknownManifest = (reference: string) => {
  const detail = reference.includes(":") ? `There is no manifest ${reference}.` : `There is no tag ${reference}.`
  return problem("missing", detail, { manifest: detail })
}
