import ipaddr from "ipaddr.js"

/** Azure serves instance metadata at this public address. */
const azure = "168.63.129.16"
/** The IPv6 range of the Internet. */
const globalUnicast = ipaddr.IPv6.parse("2000::")

/** Whether an IP address, in any notation, is publicly routable. */
export function isPublic(address: string): boolean {
  if (!ipaddr.isValid(address)) return false
  const parsed = ipaddr.parse(address.replace(/%.*$/, ""))
  if (parsed instanceof ipaddr.IPv4) return parsed.range() === "unicast" && parsed.toString() !== azure
  const inner = innerIPv4(parsed)
  if (inner) return isPublic(inner)
  return parsed.range() === "unicast" && parsed.match(globalUnicast, 3)
}

/** The IPv4 address inside an IPv4-mapped or NAT64 address. */
function innerIPv4(address: ipaddr.IPv6): string | undefined {
  if (address.isIPv4MappedAddress()) return address.toIPv4Address().toString()
  if (!address.match(ipaddr.IPv6.parse("64:ff9b::"), 96)) return undefined
  return address.toByteArray().slice(12).join(".")
}
