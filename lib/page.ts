import { problem } from "./problem"

/** The maximum size of a page of a list, which then ends early. A single row may be larger. */
export const pageBytes = 1024 * 1024

/** How many of the leading rows fit on a page of at most `most` bytes: at least one. */
export function countFitting<T>(rows: T[], bytesOf: (row: T) => number, most = pageBytes): number {
  let left = most
  const beyond = rows.findIndex((row, n) => (left -= bytesOf(row)) < 0 && n > 0)
  return beyond < 0 ? rows.length : beyond
}

/** The start of a page: right after (or, reversed, right before) the row with this key. */
export type Cursor = { key: [string, number]; reverse: boolean }

/** A page of a list, with the cursors of its neighbours. */
export type Page<T> = { rows: T[]; next: string | null; previous: string | null }

/** An encoded cursor: opaque and safe in URLs. */
export function encodeCursor({ key, reverse }: Cursor): string {
  return Buffer.from(JSON.stringify([...key, ...(reverse ? [1] : [])])).toString("base64url")
}

/** Throws `invalid` for a cursor that is not ours. */
export function decodeCursor(text: string): Cursor {
  try {
    const [moment, id, reverse] = JSON.parse(Buffer.from(text, "base64url").toString())
    if (typeof moment === "string" && !moment.includes("\0") && Number.isSafeInteger(id))
      return { key: [moment, id], reverse: reverse === 1 }
  } catch {
    // Handled below, like a well-formed cursor that is not ours.
  }
  throw problem(
    "invalid",
    "The cursor is invalid. Follow the next and previous links as they are, or start without a cursor.",
    {
      cursor: "Invalid cursor.",
    },
  )
}

/**
 * Makes a page of `limit + 1` rows fetched in the cursor's direction; the surplus row only shows that there is more.
 * `keyOf` returns a row's key.
 */
export function pageOf<T>(
  fetched: T[],
  limit: number,
  cursor: Cursor | null,
  keyOf: (row: T) => Cursor["key"],
): Page<T> {
  const more = fetched.length > limit
  const rows = fetched.slice(0, limit)
  if (cursor?.reverse) rows.reverse()

  const at = (row: T | undefined, reverse: boolean) => (row ? encodeCursor({ key: keyOf(row), reverse }) : null)
  const after = rows.length ? at(rows.at(-1), false) : cursor && encodeCursor({ key: cursor.key, reverse: false })
  const before = rows.length ? at(rows[0], true) : cursor && encodeCursor({ key: cursor.key, reverse: true })

  if (cursor?.reverse) return { rows, next: after, previous: more ? before : null }
  return { rows, next: more ? after : null, previous: cursor ? before : null }
}

/**
 * A page of a ranked list of IDs that is computed for every page: right after (or before) the cursor's ID, or its
 * former position if it is gone.
 */
export function pageOfIds(ids: number[], cursor: Cursor | null, limit: number) {
  let start = 0
  let end = limit
  if (cursor) {
    const there = ids.indexOf(cursor.key[1])
    const place = there < 0 ? Math.min(ids.length, Math.max(0, Math.trunc(Number(cursor.key[0])) || 0)) : there
    if (cursor.reverse) [start, end] = [Math.max(0, place - limit), place]
    else [start, end] = [there < 0 ? place : place + 1, place + 1 + limit]
  }
  const at = (place: number, reverse: boolean) => encodeCursor({ key: [String(place), ids[place]!], reverse })
  return {
    start,
    end,
    next: end < ids.length && end > 0 ? at(end - 1, false) : null,
    previous: start > 0 && start < ids.length ? at(start, true) : null,
  }
}

/** All rows, page by page, so that not all of them are in memory at once. */
export async function* everyRow<T, R>(
  page: (cursor?: string) => Promise<Pick<Page<T>, "rows" | "next">>,
  present: (row: T) => R,
): AsyncGenerator<R> {
  let cursor: string | undefined
  do {
    const { rows, next } = await page(cursor)
    for (const row of rows) yield present(row)
    cursor = next ?? undefined
  } while (cursor)
}
