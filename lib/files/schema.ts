import { z } from "zod"

/** The maximum length of a file name, in UTF-8 bytes. */
const nameLimit = 255
const metadataLimit = 16 * 1024

const bytesOf = (text: string) => new TextEncoder().encode(text).length

/** A media type with parameters, safe for a header. */
const mediaType = /^[\w!#$&^.+-]+\/[\w!#$&^.+-]+( *; *[\w!#$&^.+-]+=("[\w !#$&^.+:/=,-]*"|[\w!#$&^.+:/=,-]+))*$/

export const defaultType = "application/octet-stream"

export const UploadFileInput = z.object({
  filename: z
    .string()
    .transform((name) => baseName(name) || "file")
    .refine((name) => bytesOf(name) <= nameLimit, `A file name has at most ${nameLimit} bytes.`),
  type: z
    .string()
    .transform((type) => (type.trim() === "" ? defaultType : type.trim()))
    .pipe(z.string().max(200, "A type has at most 200 characters.").regex(mediaType, "Give a type such as image/png.")),
  metadata: z
    .record(z.string(), z.unknown(), { error: "Give the metadata as a JSON object." })
    .refine(
      (metadata) => bytesOf(JSON.stringify(metadata)) <= metadataLimit,
      `Metadata has at most ${metadataLimit / 1024} kB.`,
    ),
})
export type UploadFileInput = z.input<typeof UploadFileInput>

/** The form of an upload. For the OpenAPI document only: forms are parsed as a stream. */
export const UploadForm = z.object({
  content: z.string().meta({ format: "binary" }),
  filename: z.string().max(nameLimit).optional(),
  type: z.string().optional(),
  metadata: z.record(z.string(), z.unknown()).optional(),
})

/** The query of a download URL, which takes the place of a token. */
export const DownloadSignature = z.object({
  owner: z.string(),
  expiry: z.coerce.number().describe("Seconds since 1970"),
  signature: z.string().describe("HMAC-SHA256 of `{owner} {id} {expiry}` in base64"),
})
export type DownloadSignature = z.infer<typeof DownloadSignature>

/** The request to upload a file in parts. */
export const NewUpload = UploadFileInput.omit({ metadata: true }).extend({
  size: z.int("Give the size in bytes.").positive("The file is empty."),
})
export type NewUpload = z.input<typeof NewUpload>

/** The last segment of a path, without characters that are unsafe in file names. */
export const baseName = (name: string): string =>
  name
    .replaceAll("\\", "/")
    .split("/")
    .at(-1)!
    // eslint-disable-next-line no-control-regex
    .replace(/[\u0000-\u001f\u007f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, "")
    .replace(/\p{Cs}/gu, "\ufffd")
    .trim()
    .replace(/^\.+$/, "")

/** The media type if it is valid, otherwise application/octet-stream. */
export const cleanType = (type: string): string => {
  const cut = type.trim().slice(0, 200)
  return mediaType.test(cut) ? cut : defaultType
}

/** The name, cut to `limit` bytes before its extension. */
export function shortName(name: string, limit = 200): string {
  const [, stem = "", ending = ""] = /^(.*?)(\.[^.]{1,20})?$/s.exec(name) ?? []
  let short = ""
  let bytes = bytesOf(ending)
  for (const sign of stem) {
    bytes += bytesOf(sign)
    if (bytes > limit) break
    short += sign
  }
  return short + ending
}
