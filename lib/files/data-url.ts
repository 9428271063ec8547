import { Readable } from "node:stream"

import { cleanType } from "./schema"

/** The contents of a `data:` URL; undefined if it is invalid. */
export function readDataUrl(address: string): { content_type: string; name: string; body: Readable } | undefined {
  const comma = address.indexOf(",")
  const [, type = "", base64] = /^data:([^,]*?)(;\s*base64)?$/i.exec(address.slice(0, comma)) ?? []
  if (comma < 0 || !/^data:/i.test(address)) return undefined
  const content_type = type === "" ? "text/plain" : cleanType(type)
  const name = `file${endingOf(content_type)}`
  if (base64 !== undefined) {
    const parts = decodedBase64(address, comma + 1)
    return parts && { content_type, name, body: Readable.from(parts, { objectMode: false }) }
  }
  try {
    const body = Buffer.from(decodeURIComponent(address.slice(comma + 1)))
    return { content_type, name, body: Readable.from([body], { objectMode: false }) }
  } catch {
    return undefined
  }
}

const step = 64 * 1024

/** Decodes base64 in pieces, so that a large content is not in memory twice; undefined if it is invalid. */
function decodedBase64(text: string, from: number): Iterable<Buffer> | undefined {
  const clean = text.slice(from).replace(/%3d/gi, "=").replace(/\s/g, "").replaceAll("-", "+").replaceAll("_", "/")
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(clean)) return undefined
  return (function* () {
    for (let at = 0; at < clean.length; at += step) yield Buffer.from(clean.slice(at, at + step), "base64")
  })()
}

/** File extensions by content type, because models rely on them. */
const endings: Record<string, string> = {
  "application/gzip": ".gz",
  "application/json": ".json",
  "application/octet-stream": ".bin",
  "application/pdf": ".pdf",
  "application/x-tar": ".tar",
  "application/xml": ".xml",
  "application/zip": ".zip",
  "audio/aac": ".aac",
  "audio/flac": ".flac",
  "audio/mp4": ".m4a",
  "audio/mpeg": ".mp3",
  "audio/ogg": ".ogg",
  "audio/wav": ".wav",
  "audio/wave": ".wav",
  "audio/webm": ".webm",
  "audio/x-wav": ".wav",
  "image/avif": ".avif",
  "image/bmp": ".bmp",
  "image/gif": ".gif",
  "image/heic": ".heic",
  "image/jpeg": ".jpg",
  "image/jpg": ".jpg",
  "image/png": ".png",
  "image/svg+xml": ".svg",
  "image/tiff": ".tiff",
  "image/webp": ".webp",
  "text/csv": ".csv",
  "text/html": ".html",
  "text/markdown": ".md",
  "text/plain": ".txt",
  "video/mp4": ".mp4",
  "video/quicktime": ".mov",
  "video/webm": ".webm",
  "video/x-msvideo": ".avi",
}

const endingOf = (content_type: string) => endings[content_type.split(";")[0]!.trim().toLowerCase()] ?? ".bin"
