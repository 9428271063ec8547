/** Whoever has one IPv6 address has 2^64 of them: they count as one. server.mjs writes the header, whatever the client claims. */
export function networkOf(address: string | string[] | null | undefined): string {
  const text = String(address ?? "unknown")
  if (!text.includes(":") || text.includes(".")) return text
  const [head = "", tail] = text.split("::")
  const groups = head.split(":").filter(Boolean)
  const rest = tail?.split(":").filter(Boolean) ?? []
  return [...groups, ...Array(Math.max(0, 8 - groups.length - rest.length)).fill("0"), ...rest].slice(0, 4).join(":")
}
