import type { RecordedEvent } from "./store"

/** An audit event of GET /v1/account/events. */
export const presentEvent = ({
  id,
  action,
  actor,
  subject,
  details,
  via,
  token,
  address,
  created_at,
}: RecordedEvent) => ({
  id: String(id),
  action,
  actor,
  subject,
  details,
  via,
  token,
  address,
  created_at,
})

export type EventBody = ReturnType<typeof presentEvent>
