export const statuses = ["starting", "processing", "succeeded", "failed", "canceled", "aborted"] as const
export type Status = (typeof statuses)[number]

/**
 * The allowed status transitions. A prediction may end before its start is reported, because messages may arrive out of
 * order.
 */
const moves: Record<Status, readonly Status[]> = {
  starting: ["processing", "succeeded", "failed", "canceled", "aborted"],
  processing: ["succeeded", "failed", "canceled"],
  succeeded: [],
  failed: [],
  canceled: [],
  aborted: [],
}

export const mayBecome = (from: Status, to: Status): boolean => moves[from].includes(to)

/** Whether a status is final. */
export const isOver = (status: Status): boolean => moves[status].length === 0
