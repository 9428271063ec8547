import { env } from "@/env"
import type { File } from "./store"

/** The prefix of output URLs in the database, which does not depend on the host of this installation. */
const storedPrefix = "understudy:/files/"

type Public = Pick<File, "secret" | "name">

export const filePath = ({ secret, name }: Public): string => `/files/${secret}/${encodeURIComponent(name)}`

/** A file's URL as stored; `withPublicUrls` makes it public. */
export const storedUrl = (file: Public): string => `understudy:${filePath(file)}`

/** The origin of file URLs for clients that use this installation at `origin`. */
export const filesOrigin = (origin: string): string => env.FILES_URL ?? origin

/** A value with the stored URLs of files replaced by public ones for clients at `origin`. */
export function withPublicUrls(value: unknown, origin: string): unknown {
  if (typeof value === "string")
    return value.startsWith(storedPrefix) ? filesOrigin(origin) + value.slice("understudy:".length) : value
  if (Array.isArray(value)) return value.map((one) => withPublicUrls(one, origin))
  if (typeof value === "object" && value !== null)
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, withPublicUrls(one, origin)]))
  return value
}

/** The secret in the URL of a file of this installation, whatever its host; undefined for any other URL. */
export function secretIn(address: string): string | undefined {
  return /^\/files\/([0-9a-z]{26})\/[^/]+$/.exec(pathOf(address))?.[1]
}

/** The ID of an upload in its Files API URL. */
export function uploadIn(address: string): string | undefined {
  return /^\/v1\/files\/([0-9a-z]{26})(?:\/download)?$/.exec(pathOf(address))?.[1]
}

function pathOf(address: string): string {
  if (address.startsWith(storedPrefix)) return address.slice("understudy:".length)
  return /^https?:/i.test(address) && URL.canParse(address) ? new URL(address).pathname : ""
}
