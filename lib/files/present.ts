import { z } from "zod"

import { moment, uri } from "@/lib/shapes"
import { signDownload, type File } from "./file"

/** The file object of the Files API. */
export const FileBody = z
  .object({
    id: z.string(),
    name: z.string(),
    content_type: z.string(),
    size: z.int(),
    etag: z.string().describe("Its MD5"),
    checksums: z.object({ sha256: z.string(), md5: z.string() }),
    metadata: z.record(z.string(), z.unknown()),
    created_at: moment,
    expires_at: moment.nullable().describe("When it is removed; null where files stay until they are deleted"),
    urls: z.object({
      get: uri.describe("The URL to use in an input"),
      download: uri.describe("Its content, for anyone with this URL, for an hour"),
    }),
  })
  .meta({ id: "File" })
export type FileBody = z.infer<typeof FileBody>

const hour = 3600

/** An upload for the Files API. `origin` is that of this installation. */
export function presentFile(file: File, owner: string, origin: string): FileBody {
  const { id, name, content_type, size, sha256, md5, metadata } = file
  const address = `${origin}/v1/files/${id}`
  return {
    id,
    name,
    content_type,
    size,
    etag: md5,
    checksums: { sha256, md5 },
    metadata,
    created_at: inMilliseconds(file.created_at),
    expires_at: file.expires_at && inMilliseconds(file.expires_at),
    urls: { get: address, download: `${address}/download?${signedQuery(file, owner)}` },
  }
}

/** A signature that is valid for at least an hour. It changes hourly, so that unchanged responses stay identical. */
function signedQuery({ id, owner_id }: File, owner: string): URLSearchParams {
  const expiry = (Math.floor(Date.now() / 1000 / hour) + 2) * hour
  return new URLSearchParams({ owner, expiry: String(expiry), signature: signDownload(owner, owner_id, id, expiry) })
}

const inMilliseconds = (moment: string) => moment.replace(/(\.\d{3})\d*Z$/, "$1Z")
