import ipaddr from "ipaddr.js"

/**
 * The network that rate limits count a client by: its address, or the /64 of an IPv6 address, because its owner has
 * all 2^64 of them. server.mjs sets the header that the address comes from.
 */
export function networkOf(address: string | string[] | null | undefined): string {
  const text = String(address ?? "unknown")
  if (!ipaddr.isValid(text)) return text
  const parsed = ipaddr.process(text.replace(/%.*$/, ""))
  if (parsed instanceof ipaddr.IPv4) return parsed.toString()
  return (parsed as ipaddr.IPv6).parts
    .slice(0, 4)
    .map((part) => part.toString(16))
    .join(":")
}
