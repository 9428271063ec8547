import type { DeploymentSchedule } from "@/db/schema"

// The browser imports this file.

export type ScheduleLine = DeploymentSchedule

export const dayNames = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"] as const
/** Days in the order in which people read a week. */
export const weekdays = [1, 2, 3, 4, 5, 6, 0] as const

/** The number of instances that a schedule keeps ready at a time. */
export function scheduled(schedule: ScheduleLine[], at: Date): number {
  const wanted = schedule.map(({ days, from, to, time_zone, min_instances }) => {
    const parts = new Intl.DateTimeFormat("en-US", {
      timeZone: time_zone,
      weekday: "short",
      hour: "2-digit",
      minute: "2-digit",
      hourCycle: "h23",
    }).formatToParts(at)
    const part = (type: string) => parts.find((one) => one.type === type)!.value
    const day = (dayNames as readonly string[]).indexOf(part("weekday"))
    const minute = Number(part("hour")) * 60 + Number(part("minute"))
    // A window that ends before it begins runs past midnight. Its days are those on which it begins.
    const isOn =
      from < to
        ? days.includes(day) && minute >= from && minute < to
        : (days.includes(day) && minute >= from) || (days.includes((day + 6) % 7) && minute < to)
    return isOn ? min_instances : 0
  })
  return Math.max(0, ...wanted)
}

/** A line for people: "Mon to Fri, 08:00 to 18:00 (Europe/Berlin)". */
export const lineInWords = ({ days, from, to, time_zone }: ScheduleLine): string =>
  `${daysInWords(days)}, ${clock(from)} to ${clock(to)} (${time_zone})`

/** Minutes since midnight as "08:00". */
const clock = (minutes: number): string =>
  `${String(Math.floor(minutes / 60)).padStart(2, "0")}:${String(minutes % 60).padStart(2, "0")}`

/** Names of days, with three or more consecutive days as a range. */
function daysInWords(days: number[]): string {
  const places = weekdays.flatMap((day, place) => (days.includes(day) ? [place] : []))
  if (places.length === 7) return "Every day"
  const runs: number[][] = []
  for (const place of places)
    if (runs.at(-1)?.at(-1) === place - 1) runs.at(-1)!.push(place)
    else runs.push([place])
  const nameOf = (place: number) => dayNames[weekdays[place]!]
  return runs
    .map((run) => (run.length < 3 ? run.map(nameOf).join(", ") : `${nameOf(run[0]!)} to ${nameOf(run.at(-1)!)}`))
    .join(", ")
}
