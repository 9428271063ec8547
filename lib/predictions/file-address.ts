/** How an output file is named in what is kept, which does not know under which address the instance is reached. */
const kept = "understudy:/files/"

/** What stands in an output for the file at `/files/{secret}/{name}`. */
export const keptFile = (path: string): string => `understudy:${path}`

/** The value with an address that a client can open in the place of every file. */
export function located(value: unknown, origin: string): unknown {
  if (typeof value === "string") return value.startsWith(kept) ? origin + value.slice("understudy:".length) : value
  if (Array.isArray(value)) return value.map((one) => located(one, origin))
  if (typeof value === "object" && value !== null)
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, located(one, origin)]))
  return value
}
