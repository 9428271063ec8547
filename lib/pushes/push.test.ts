import { expect, test } from "vitest"

import { publishPushEvent, getPushState, watchPush } from "./push"
import {
  applyPushEvent,
  mergePushMessages,
  initialPushState,
  type PushEvent,
  type PushMessage,
  type PushState,
} from "./state"

test("bytes that wait to be told are told in one sum, and the order of everything else is kept", () => {
  const events: PushEvent[] = [
    { type: "bytes", bytes: 1 },
    { type: "bytes", bytes: 2 },
    { type: "layer", digest: "sha256:0", size: 3 },
    { type: "bytes", bytes: 4 },
    { type: "refused", detail: "No." },
  ]
  const messages = events.flatMap((event): PushMessage[] => [
    { model_id: 1, event },
    { model_id: 2, event },
  ])
  const waiting = messages.reduce(mergePushMessages, [])
  for (const id of [1, 2]) {
    const told = waiting.flatMap(({ model_id, event }) => (model_id === id ? [event] : []))
    expect(told.map(({ type }) => type)).toEqual(["bytes", "layer", "bytes", "refused"])
    expect(told.reduce(applyPushEvent, initialPushState)).toEqual(events.reduce(applyPushEvent, initialPushState))
  }
})

test("whoever watches a push is shown its state after every event, and others are shown nothing of it", () => {
  const shown: PushState[] = []
  const stop = watchPush(7, (state) => void shown.push(state))
  publishPushEvent(7, { type: "bytes", bytes: 5 })
  publishPushEvent(8, { type: "bytes", bytes: 1 })
  publishPushEvent(7, { type: "bytes", bytes: 6 })
  expect(shown.map(({ bytes }) => bytes)).toEqual([5, 11])
  stop()
  publishPushEvent(7, { type: "refused", detail: "No." })
  expect(shown).toHaveLength(2)
  expect(getPushState(7)).toMatchObject({ bytes: 11, refused: "No." })
})
