import { describe, expect, test } from "vitest"

import { decodeCursor, encodeCursor, pageOf, type Cursor } from "./page"

const at = (id: number): Cursor["key"] => [`2026-01-01T00:00:00.0000${String(id).padStart(2, "0")}Z`, id]

/** Ten rows, newest first, and what a store would fetch of them. */
const everything = Array.from({ length: 10 }, (_, n) => 10 - n)
function fetched(cursor: Cursor | null, limit: number): number[] {
  if (!cursor) return everything.slice(0, limit + 1)
  const id = cursor.key[1]
  const beyond = cursor.reverse ? everything.filter((row) => row > id).reverse() : everything.filter((row) => row < id)
  return beyond.slice(0, limit + 1)
}
const page = (cursor: Cursor | null, limit = 4) => pageOf(fetched(cursor, limit), limit, cursor, at)
const follow = (link: string | null) => page(link === null ? null : decodeCursor(link))

test("a cursor survives being sent around, and is safe in a URL", () => {
  for (const reverse of [false, true]) {
    const text = encodeCursor({ key: at(7), reverse })
    expect(text).toMatch(/^[\w-]+$/)
    expect(decodeCursor(text)).toEqual({ key: at(7), reverse })
  }
})

test.each([
  "",
  "x",
  "null",
  "%%%",
  "cD0yMDIz",
  ...["{}", "[]", "[1,2]", '["a"]', '["a",1.5]', '["a","1"]', "null", '"text"'].map((text) =>
    Buffer.from(text).toString("base64url"),
  ),
])("the cursor %j is not ours, and the refusal says so", (text) => {
  expect(() => decodeCursor(text)).toThrow(
    expect.objectContaining({ kind: "invalid", fields: { cursor: "Invalid cursor." } }),
  )
})

describe("walking a list", () => {
  test("the first page has nothing before it, the last nothing after it", () => {
    expect(page(null)).toMatchObject({ rows: [10, 9, 8, 7], previous: null })
    const last = follow(follow(page(null).next).next)
    expect(last).toMatchObject({ rows: [2, 1], next: null })
  })

  test("forth and back again are the same pages", () => {
    const second = follow(page(null).next)
    expect(second.rows).toEqual([6, 5, 4, 3])
    expect(follow(second.previous)).toMatchObject({ rows: [10, 9, 8, 7], previous: null })
    expect(follow(follow(second.next).previous).rows).toEqual(second.rows)
  })

  test("a list that fits on one page has no neighbours", () => {
    expect(page(null, 10)).toEqual({ rows: everything, next: null, previous: null })
    expect(pageOf([], 10, null, at)).toEqual({ rows: [], next: null, previous: null })
  })

  test("a page whose rows have all gone still leads back", () => {
    const cursor = { key: at(0), reverse: false }
    const empty = page(cursor)
    expect(empty.rows).toEqual([])
    expect(follow(empty.previous).rows).toEqual([4, 3, 2, 1])
  })
})
