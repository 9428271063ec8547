import { createHmac, timingSafeEqual } from "node:crypto"

import { keyFor } from "@/lib/auth/seal"

const signatureOf = (url: string) =>
  createHmac("sha256", keyFor("addresses of pictures")).update(url).digest("base64url").slice(0, 22)

/**
 * The path at which a page shows an image from another host. This server fetches the image (remote.ts), so browsers do
 * not contact that host. The signature prevents fetching URLs that no page shows.
 */
export const imagePath = (url: string): string =>
  `/images/${signatureOf(url)}/${Buffer.from(url).toString("base64url")}`

/** `imagePath` of a URL; null without one. */
export const imagePathOrNull = (url: string | null | undefined): string | null => (url ? imagePath(url) : null)

/** The URL in a path from `imagePath`; undefined for any other path. */
export function addressIn(path: string): string | undefined {
  const [, signature, encoded] = /^\/images\/([\w-]{22})\/([\w-]+)$/.exec(path) ?? []
  if (signature === undefined) return undefined
  const url = Buffer.from(encoded!, "base64url").toString("utf8")
  return timingSafeEqual(Buffer.from(signature), Buffer.from(signatureOf(url))) ? url : undefined
}

/** Replaces the image URLs in HTML of lib/markdown/ with `imagePath`. */
export const withImagePaths = (html: string): string =>
  html.replace(/<img src="(https?:[^"]*)"/gi, (_, src: string) => `<img src="${imagePath(unescaped(src))}"`)

const characters: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"' }
const unescaped = (text: string) => text.replace(/&(amp|lt|gt|quot);/g, (_, name: string) => characters[name]!)
