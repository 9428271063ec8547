import { env } from "@/env"
import type { File } from "./store"

/** How an output is named in what is kept, which does not know at which address a client will reach this instance. */
const kept = "understudy:/files/"

type Public = Pick<File, "secret" | "name">

export const filePath = ({ secret, name }: Public): string => `/files/${secret}/${encodeURIComponent(name)}`

/** The address of a file as rows have it, to be told with `located`. */
export const keptAddress = (file: Public): string => `understudy:${filePath(file)}`

/** Where files are reached by whoever reaches this instance at `site`. */
export const filesOrigin = (site: string): string => env.FILES_URL ?? site

/** A value in which the files of this instance have the addresses that whoever reaches it at `site` can use. */
export function located(value: unknown, site: string): unknown {
  if (typeof value === "string")
    return value.startsWith(kept) ? filesOrigin(site) + value.slice("understudy:".length) : value
  if (Array.isArray(value)) return value.map((one) => located(one, site))
  if (typeof value === "object" && value !== null)
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, located(one, site)]))
  return value
}

/** The secret in the address of a file of this instance, whatever the host it is reached at; undefined for any other address. */
export function secretIn(address: string): string | undefined {
  return /^\/files\/([0-9a-z]{26})\/[^/]+$/.exec(pathOf(address))?.[1]
}

/** The ID of an upload, in the URL that the Files API gave it. */
export function uploadIn(address: string): string | undefined {
  return /^\/v1\/files\/([0-9a-z]{26})(?:\/download)?$/.exec(pathOf(address))?.[1]
}

function pathOf(address: string): string {
  if (address.startsWith(kept)) return address.slice("understudy:".length)
  return /^https?:/i.test(address) && URL.canParse(address) ? new URL(address).pathname : ""
}
