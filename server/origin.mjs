// The origin check of forms. PUBLIC_URL is this installation's origin, whatever host a proxy passes on; without it, the
// host of the request is.
import { readdir, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { LRUCache } from "lru-cache"
import { log } from "./log.mjs"

const reads = new Set(["GET", "HEAD", "OPTIONS"])

/**
 * Sets the host of a page request to the one that Next compares a form's origin with. Returns a sentence that says why
 * the form is rejected if it comes from another origin, otherwise null.
 * @param {import("node:http").IncomingMessage} request @returns {string | null}
 */
export function checkFormOrigin(request) {
  const { headers, method } = request
  const own = ownOrigin(headers)
  if (own === undefined) return null
  if (process.env.PUBLIC_URL) {
    const { host, protocol } = new URL(own)
    Object.assign(headers, { host, "x-forwarded-host": host, "x-forwarded-proto": protocol.slice(0, -1) })
  }
  const { origin } = headers
  if (reads.has(method ?? "GET") || origin === undefined || origin === own) return null
  const site = headers["sec-fetch-site"]
  // A page that sends no referrer has the origin "null"; the browser vouches for it with Sec-Fetch-Site.
  if (origin === "null" && site === "same-origin") {
    headers.origin = own
    return null
  }
  if (site === "cross-site" || site === "same-site" || !isOrigin(origin))
    return "This form came from another site, so nothing was done. Open its page here and send it again."
  note(origin, own)
  return process.env.PUBLIC_URL
    ? `This form came from another site: it was sent from ${origin}, and PUBLIC_URL says that this is ${own}. Open it there, or have the operator set PUBLIC_URL=${origin}.`
    : `This form came from another site: it was sent from ${origin}, and what arrived was addressed to ${own}. If that is one site behind a proxy, its operator has to set PUBLIC_URL=${origin}.`
}

/**
 * As in lib/origin.ts; untrusted headers have been removed by now.
 * @param {import("node:http").IncomingHttpHeaders} headers
 */
function ownOrigin(headers) {
  const { PUBLIC_URL } = process.env
  const [host] = String(headers["x-forwarded-host"] ?? headers.host ?? "").split(",")
  const text = PUBLIC_URL || `${headers["x-forwarded-proto"] === "https" ? "https" : "http"}://${host.trim()}`
  return URL.canParse(text) ? new URL(text).origin : undefined
}

/** @param {string} text */
const isOrigin = (text) => text.length < 300 && URL.canParse(text) && new URL(text).origin === text

/** The file in the data folder that `doctor` reads. */
export const refusedOrigin = "refused-origin.json"

/** The pairs reported within the last hour. @type {LRUCache<string, true>} */
const reported = new LRUCache({ max: 100, ttl: 3_600_000 })

/** Reports it in the log and to `doctor`, once an hour for each pair. @param {string} origin @param {string} own */
function note(origin, own) {
  const pair = `${origin} ${own}`
  if (reported.has(pair)) return
  reported.set(pair, true)
  log("warn", "a form was rejected because of its origin: if people use that address, set PUBLIC_URL to it", {
    origin,
    own,
  })
  const folder = process.env.DATA_DIR || "./data"
  readdir(folder)
    .then(([first]) => {
      if (!first) throw new Error(`The data folder ${folder} is empty: is its volume mounted?`)
      return writeFile(join(folder, refusedOrigin), JSON.stringify({ origin, own, at: new Date().toISOString() }), {
        mode: 0o600,
      })
    })
    .catch((error) => log("warn", "what `doctor` is to say could not be kept", { error }))
}
