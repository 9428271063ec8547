import { buffer } from "node:stream/consumers"
import { LRUCache } from "lru-cache"

import { env } from "@/env"
import { fetchGuarded, Unreachable } from "@/lib/fetch/fetch"
import { log } from "@/lib/log"
import { missing, Problem, problem } from "@/lib/problem"
import { findCached, cachePicture, type Picture } from "./cache"
import { looksLikeSvg, pictureLimit, reencodePicture } from "./picture"

/** Seconds for which a cached picture is used without fetching it again, and for which it is used if fetching fails. */
const fresh = 24 * 3600
const stale = 30 * fresh
/** Milliseconds until a URL that failed is fetched again. */
const pause = 10 * 60_000
/** Timeouts in milliseconds: for the beginning of the response, and for all of it. */
const patience = { begin: 8000, whole: 20_000 }
/** The size limit of an SVG, which is sent unchanged. */
const svgLimit = 512 * 1024
/** The maximum numbers of concurrent and queued fetches. */
const most = { fetches: 8, waiting: 200 }

type State = {
  underWay: Map<string, Promise<Picture>>
  failed: LRUCache<string, true>
  line: (() => void)[]
  busy: number
  /** Pictures are re-encoded one at a time, because a large one takes a hundred megabytes. */
  drawing: Promise<unknown>
}
const key = Symbol.for("understudy.remote-pictures")
const slot = globalThis as typeof globalThis & { [key]?: State }
const state = (): State =>
  (slot[key] ??= {
    underWay: new Map(),
    failed: new LRUCache({ max: 10_000, ttl: pause }),
    line: [],
    busy: 0,
    drawing: Promise.resolve(),
  })

/**
 * An image from another host: fetched, re-encoded and cached for a day, so that only its pixels reach a browser. Throws
 * `missing` if there is none, and `unavailable` while too many are being fetched.
 */
export async function getRemotePicture(url: string): Promise<Picture> {
  const cached = await findCached(url)
  if (cached && cached.age < fresh) return cached
  const { underWay, failed } = state()
  if (failed.has(url)) return cached && cached.age < stale ? cached : gone()
  const fetching = underWay.get(url) ?? fetchOnce(url)
  try {
    return await fetching
  } catch (error) {
    if (cached && cached.age < stale) return cached
    throw error
  }
}

function gone(): never {
  throw missing()
}

function fetchOnce(url: string): Promise<Picture> {
  const { underWay, failed } = state()
  const fetching = inTurn(() => fetchPicture(url))
    .catch((error: unknown) => {
      if (!(error instanceof Unreachable) && !(error instanceof Problem)) throw error
      if (error instanceof Problem && error.kind === "unavailable") throw error
      failed.set(url, true)
      throw missing()
    })
    .finally(() => underWay.delete(url))
  underWay.set(url, fetching)
  return fetching
}

async function inTurn<T>(work: () => Promise<T>): Promise<T> {
  const now = state()
  if (now.line.length >= most.waiting)
    throw problem("unavailable", "Too many images are being fetched. Try again in a moment.", {}, 5)
  if (now.busy >= most.fetches) await new Promise<void>((resume) => now.line.push(resume))
  else now.busy++
  try {
    return await work()
  } finally {
    const next = now.line.shift()
    if (next) next()
    else now.busy--
  }
}

async function fetchPicture(url: string): Promise<Picture> {
  const { status, body } = await fetchGuarded(url, {
    headers: { accept: "image/avif,image/webp,image/png,image/jpeg,image/gif,image/svg+xml" },
    toPrivate: env.FETCH_PRIVATE === "1",
    limit: pictureLimit,
    answerWithin: patience.begin,
    within: patience.whole,
    redirects: 5,
  })
  if (status !== 200) {
    body.destroy()
    throw missing()
  }
  const bytes = await buffer(body)
  const drawing = state().drawing.then(() => drawn(bytes))
  state().drawing = drawing.catch(() => {})
  const picture = await drawing
  await cachePicture(url, picture).catch((error: unknown) =>
    log("warn", "a fetched picture could not be kept", { error }),
  )
  return picture
}

/** SVG stays unchanged: it is harmless when shown as an image, and sharper. */
async function drawn(bytes: Buffer): Promise<Picture> {
  if (!looksLikeSvg(bytes))
    return { bytes: await reencodePicture(bytes, "picture", { animated: true }), type: "image/webp" }
  if (bytes.length > svgLimit) throw missing()
  return { bytes, type: "image/svg+xml" }
}
