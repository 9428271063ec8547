/** An event of a push, small enough to be sent between processes. */
export type PushEvent =
  | { type: "signed-in" }
  | { type: "bytes"; bytes: number }
  | { type: "layer"; digest: string; size: number }
  | { type: "manifest"; digest: string; tag: string }
  | { type: "schema"; inputs: number }
  | { type: "version"; id: string }
  | { type: "refused"; detail: string }
  | { type: "pulled" }

/** The state of a push, from its events. */
export type PushState = {
  /** Whether somebody signed in to the registry with a token for this model. */
  signed_in: boolean
  bytes: number
  layers: number
  tag: string | null
  inputs: number | null
  version: string | null
  refused: string | null
  /** Whether somebody has pulled the image for the first time. */
  pulled: boolean
}

export const initialPushState: PushState = {
  signed_in: false,
  bytes: 0,
  layers: 0,
  tag: null,
  inputs: null,
  version: null,
  refused: null,
  pulled: false,
}

/** The state after an event. Events after the end of a push belong to the next one. */
export function applyPushEvent(state: PushState, event: PushEvent): PushState {
  const current =
    isOver(state) && (event.type === "bytes" || event.type === "manifest")
      ? { ...initialPushState, signed_in: state.signed_in, pulled: state.pulled }
      : state
  switch (event.type) {
    case "signed-in":
      return { ...current, signed_in: true }
    case "bytes":
      return { ...current, bytes: current.bytes + event.bytes }
    case "layer":
      return { ...current, layers: current.layers + 1 }
    case "manifest":
      return { ...current, tag: event.tag }
    case "schema":
      return { ...current, inputs: event.inputs }
    case "version":
      return { ...current, version: event.id }
    case "refused":
      return { ...current, refused: event.detail }
    case "pulled":
      return { ...current, pulled: true }
  }
}

/** An event as a message to other processes. */
export type PushMessage = { model_id: number; event: PushEvent }

/** Queued messages plus one: byte counts are added up. */
export function mergePushMessages(waiting: PushMessage[], next: PushMessage): PushMessage[] {
  const { model_id, event } = next
  const at = waiting.findLastIndex((message) => message.model_id === model_id)
  const last = waiting[at]?.event
  if (event.type !== "bytes" || last?.type !== "bytes") return [...waiting, next]
  return waiting.with(at, { model_id, event: { type: "bytes", bytes: last.bytes + event.bytes } })
}

const isOver = ({ version, refused }: PushState): boolean => version !== null || refused !== null

/** Whether anything has arrived or was rejected. */
export const hasStarted = ({ bytes, tag, refused }: PushState): boolean => bytes > 0 || tag !== null || refused !== null
