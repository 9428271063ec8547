const steps = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
] as const

const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto" })
const date = new Intl.DateTimeFormat("en", { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" })

/** A time as "2 hours ago", or as a date after 30 days; the title is the exact time. */
export function Time({ iso, now = Date.now(), className }: { iso: string; now?: number; className?: string }) {
  return (
    // The text may differ between server and browser, because seconds pass in between.
    <time dateTime={iso} title={iso} className={className} suppressHydrationWarning>
      {sayWhen(Date.parse(iso), now)}
    </time>
  )
}

function sayWhen(then: number, now: number) {
  if (Number.isNaN(then)) return "unknown"
  const seconds = (then - now) / 1000
  if (Math.abs(seconds) > 30 * 86_400) return date.format(then)
  for (const [unit, length] of steps) {
    if (Math.abs(seconds) >= length) return relative.format(Math.trunc(seconds / length), unit)
  }
  return "just now"
}
