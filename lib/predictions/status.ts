export const statuses = ["starting", "processing", "succeeded", "failed", "canceled", "aborted"] as const
export type Status = (typeof statuses)[number]

/** What a prediction may become. One may end before anybody heard that it began, because a model's messages overtake each other. */
const moves: Record<Status, readonly Status[]> = {
  starting: ["processing", "succeeded", "failed", "canceled", "aborted"],
  processing: ["succeeded", "failed", "canceled"],
  succeeded: [],
  failed: [],
  canceled: [],
  aborted: [],
}

export const mayBecome = (from: Status, to: Status): boolean => moves[from].includes(to)

/** Whether nothing changes any more. */
export const isOver = (status: Status): boolean => moves[status].length === 0
