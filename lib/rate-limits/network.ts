import ipaddr from "ipaddr.js"

/**
 * What rate limits count a client by: its address, or the /64 network of an IPv6 one, because whoever has one address of it has 2^64.
 * server.mjs writes the header that the address comes from.
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
