const browsers = [
  ["Edg", "Edge"],
  ["OPR", "Opera"],
  ["Firefox", "Firefox"],
  ["Chrome", "Chrome"],
  ["Safari", "Safari"],
] as const
const systems = [
  ["iPhone", "iPhone"],
  ["iPad", "iPad"],
  ["Android", "Android"],
  ["Windows", "Windows"],
  ["Mac OS", "macOS"],
  ["Linux", "Linux"],
] as const

/** "Firefox on Linux", from the user agent; the first match counts, because most name several browsers. */
export function browserInWords(user_agent: string | null): string {
  if (!user_agent) return "Unknown browser"
  const browser = browsers.find(([sign]) => user_agent.includes(sign))?.[1]
  const system = systems.find(([sign]) => user_agent.includes(sign))?.[1]
  if (!browser && !system) return user_agent.slice(0, 60)
  return [browser ?? "A browser", system && `on ${system}`].filter(Boolean).join(" ")
}
