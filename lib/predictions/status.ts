export const statuses = ["starting", "processing", "succeeded", "failed", "canceled", "aborted"] as const
export type Status = (typeof statuses)[number]

/** Whether a status is final. */
export const isOver = (status: Status): boolean => status !== "starting" && status !== "processing"
