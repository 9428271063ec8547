import { env } from "@/env"

type HeaderBag = { get(name: string): string | null } | Record<string, string | string[] | undefined>

/**
 * The origin of this installation, such as `https://models.example.com`: PUBLIC_URL if set, otherwise from the request.
 * Proxy headers count only with TRUST_PROXY, because anybody could send them.
 */
export function originOf(headers: HeaderBag): string {
  return env.PUBLIC_URL ?? addressedOrigin(headers)
}

/** The origin that a request was addressed to, whatever PUBLIC_URL says. */
export function addressedOrigin(headers: HeaderBag): string {
  const trusted = env.TRUST_PROXY === "1"
  const host =
    (trusted && checked(first(headers, "x-forwarded-host"))) ||
    checked(first(headers, "host")) ||
    `localhost:${env.PORT}`
  const proto = trusted && first(headers, "x-forwarded-proto") === "https" ? "https" : "http"
  return `${proto}://${host}`
}

/** The host, if it is valid; the last one is cached, because nearly every request has the same. */
function checked(host: string | undefined): string | undefined {
  if (host !== good) {
    if (!isHost(host)) return undefined
    good = host
  }
  return host
}
let good: string | undefined

/** A host name or address with an optional port, and nothing that could change a link. */
const isHost = (host: string | undefined): host is string =>
  host !== undefined &&
  host.length <= 255 &&
  /^([\w.-]+|\[[\da-f:.]+\])(:\d{1,5})?$/i.test(host) &&
  URL.canParse(`http://${host}`)

function first(headers: HeaderBag, name: string): string | undefined {
  const value =
    typeof headers.get === "function"
      ? headers.get(name)
      : (headers as Record<string, string | string[] | undefined>)[name]
  return (Array.isArray(value) ? value[0] : value)?.toString().split(",")[0]?.trim() || undefined
}
