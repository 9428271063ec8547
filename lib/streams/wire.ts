import type { StreamEvent } from "./events"

/** An event as https://html.spec.whatwg.org/multipage/server-sent-events.html has it. Some clients drop what has no id. */
export const eventInWire = ({ position, event, data }: StreamEvent, begun: string): string =>
  `event: ${event}\nid: ${idOf(position, begun)}\n${data
    .split(/\r\n|\r|\n/)
    .map((line) => `data: ${line}\n`)
    .join("")}\n`

/** Looks like 1690212292:0: when the prediction was created, and the position. */
export const idOf = (position: number, begun: string): string => `${Math.floor(Date.parse(begun) / 1000)}:${position}`

/** The position in an id that a client names as the last it has seen; 0 for anything else. */
export function positionIn(id: string | undefined): number {
  const [, position] = /^\d+:(\d{1,9})$/.exec(id?.trim() ?? "") ?? []
  return Number(position ?? 0)
}
