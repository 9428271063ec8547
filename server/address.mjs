// Where a request comes from.
import ipaddr from "ipaddr.js"

/**
 * The address that a proxy says it was asked from: the last entry of X-Forwarded-For, which it has added. Some proxies write a port behind it, and
 * a client could choose another one for each try. Undefined where there is no address.
 * @param {string | undefined} header
 */
export function forwardedAddress(header) {
  const last = header?.split(",").at(-1)?.trim() ?? ""
  const bare = last.replace(/^"(.*)"$/, "$1")
  const [, bracketed] = /^\[([^\]]+)\](?::\d+)?$/.exec(bare) ?? []
  const [, before] = /^([^:]+):\d+$/.exec(bare) ?? []
  return addressIn(bracketed ?? before ?? bare)
}

/** An address as it is always written; undefined for what is none. @param {string | undefined} text */
export function addressIn(text) {
  if (text === undefined || !ipaddr.isValid(text) || (!text.includes(":") && !ipaddr.IPv4.isValidFourPartDecimal(text)))
    return undefined
  return ipaddr.process(text.replace(/%.*$/, "")).toString()
}
