import type { StreamEvent } from "./events"

/**
 * Encodes an event as in https://html.spec.whatwg.org/multipage/server-sent-events.html. Some clients drop events
 * without an ID.
 */
export const eventInWire = ({ position, event, data }: StreamEvent, begun: string): string =>
  `event: ${event}\nid: ${idOf(position, begun)}\n${data
    .split(/\r\n|\r|\n/)
    .map((line) => `data: ${line}\n`)
    .join("")}\n`

/** An ID such as 1690212292:0: the creation time of the prediction, and the position. */
export const idOf = (position: number, begun: string): string => `${Math.floor(Date.parse(begun) / 1000)}:${position}`

/** The position in a Last-Event-ID; 0 for any other text. */
export function positionIn(id: string | undefined): number {
  const [, position] = /^\d+:(\d{1,9})$/.exec(id?.trim() ?? "") ?? []
  return Number(position ?? 0)
}
