import { expect, test } from "vitest"

import { reserveStorage } from "./storage-reservation"

let last = 0
const anAccount = () => ++last
const left = (bytes: number) => async () => bytes

test("what is on its way counts, so that two streams do not take the same room", async () => {
  const account = anAccount()
  const first = await reserveStorage(account, 60, left(100))
  expect(await reserveStorage(account, 60, left(100))).toBeNull()
  const second = await reserveStorage(account, 40, left(100))
  expect([first, second].every(Boolean)).toBe(true)
  expect(await reserveStorage(anAccount(), 60, left(100))).not.toBeNull()
  first!.end(0)
  expect(await reserveStorage(account, 60, left(100))).not.toBeNull()
})

test("a stream that does not say how long it is counts as it grows", async () => {
  const account = anAccount()
  const [one, other] = [(await reserveStorage(account, 0, left(100)))!, (await reserveStorage(account, 50, left(100)))!]
  expect(one.grow(50)).toBe(true)
  expect(one.grow(1)).toBe(false)
  // Expected bytes are not counted twice.
  expect(other.grow(50)).toBe(true)
  expect(other.grow(1)).toBe(false)
  other.end(0)
  expect(one.grow(1)).toBe(true)
})

test("what was written down since a stream began counts for it", async () => {
  const account = anAccount()
  const [one, other] = [(await reserveStorage(account, 0, left(100)))!, (await reserveStorage(account, 60, left(100)))!]
  other.end(60)
  expect(one.grow(40)).toBe(true)
  expect(one.grow(1)).toBe(false)
  // For new reservations, `findLeft` already accounts for the recorded bytes.
  expect(await reserveStorage(account, 1, left(40))).toBeNull()
  one.end(40)
  expect(await reserveStorage(account, 0, left(0))).not.toBeNull()
})
