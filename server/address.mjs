// The address of a client.
import ipaddr from "ipaddr.js"

/**
 * The client address that a proxy reports: the last entry of X-Forwarded-For, which the proxy added. Some proxies
 * append the port, which is removed: a client could use a different one for each attempt. Undefined if there is no
 * address.
 * @param {string | undefined} header
 */
export function forwardedAddress(header) {
  const last = header?.split(",").at(-1)?.trim() ?? ""
  const bare = last.replace(/^"(.*)"$/, "$1")
  const [, bracketed] = /^\[([^\]]+)\](?::\d+)?$/.exec(bare) ?? []
  const [, before] = /^([^:]+):\d+$/.exec(bare) ?? []
  return addressIn(bracketed ?? before ?? bare)
}

/** An address in canonical form; undefined if it is none. @param {string | undefined} text */
export function addressIn(text) {
  if (text === undefined || !ipaddr.isValid(text) || (!text.includes(":") && !ipaddr.IPv4.isValidFourPartDecimal(text)))
    return undefined
  return ipaddr.process(text.replace(/%.*$/, "")).toString()
}
