import { env } from "@/env"

type HeaderBag = { get(name: string): string | null } | Record<string, string | string[] | undefined>

/**
 * The address people reach this instance at, such as `https://models.example.com`: PUBLIC_URL when it is set, else what the
 * request says of itself. server.mjs has dropped forwarded headers by then unless TRUST_PROXY allows them.
 */
export function originOf(headers: HeaderBag): string {
  if (env.PUBLIC_URL) return env.PUBLIC_URL
  const host = first(headers, "x-forwarded-host") ?? first(headers, "host") ?? `localhost:${env.PORT}`
  const proto = first(headers, "x-forwarded-proto") === "https" ? "https" : "http"
  return `${proto}://${host}`
}

function first(headers: HeaderBag, name: string): string | undefined {
  const value = typeof headers.get === "function" ? headers.get(name) : (headers as Record<string, string | string[] | undefined>)[name]
  return (Array.isArray(value) ? value[0] : value)?.toString().split(",")[0]?.trim() || undefined
}
