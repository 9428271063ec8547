import { expect, test } from "vitest"

import { reserveStream, reserveAccountStream } from "./streams"

test("an account has so many event streams at once and no more, whatever the network", () => {
  const open = Array.from({ length: 50 }, (_, n) => reserveStream({ network: `n${n}`, account: 1 }))
  expect(() => reserveStream({ network: "another", account: 1 })).toThrow(
    expect.objectContaining({ kind: "throttled" }),
  )
  const other = reserveStream({ network: "another", account: 2 })
  open[0]!()
  open[0]!()
  const again = reserveStream({ network: "another", account: 1 })
  expect(() => reserveStream({ network: "another", account: 1 })).toThrow("Too many event streams")
  for (const release of [...open, other, again]) release()
})

test("a network has so many, whoever opens them", () => {
  const open = Array.from({ length: 2000 }, () => reserveStream({ network: "192.0.2.1" }))
  expect(() => reserveStream({ network: "192.0.2.1" })).toThrow("Too many event streams")
  reserveStream({ network: "192.0.2.2" })()
  for (const release of open) release()
  reserveStream({ network: "192.0.2.1" })()
})

test("the predictions of an account have so many watchers, whatever the network", () => {
  const open = Array.from({ length: 1000 }, () => reserveAccountStream(7))
  expect(() => reserveAccountStream(7)).toThrow("Too many event streams")
  reserveAccountStream(8)()
  for (const release of open) release()
  reserveAccountStream(7)()
})
