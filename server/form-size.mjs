// The size limit of forms. Larger ones are rejected here, because Next would respond with 500 and, with scripts, show
// an error page that discards what was typed.
import { sendPlainPage } from "./plain-page.mjs"

/** Next reads this much of a form. */
export const maxFormBytes = 1024 * 1024
/** Next reads a form before its action checks the session; the forms of signed-out visitors are small. */
export const maxVisitorFormBytes = 64 * 1024

/** Paths of route handlers for images, files and webhooks, which have limits of their own and no server actions. */
const readElsewhere = /^\/(?:[^/]+\/[^/]+\/cover|api\/.*|hooks\/.*)$/

/**
 * Rejects a form larger than `most` bytes; returns true if it did. Without a Content-Length, the size is known only
 * once the body arrives: then this returns false, and Next's response is discarded if the form is too large.
 * @param {string} path @param {import("node:http").IncomingMessage} request @param {import("node:http").ServerResponse}
 *   response @param {number} [most]
 */
export function refuseLargeForm(path, request, response, most = maxFormBytes) {
  const { headers, method } = request
  const isScripted = headers["next-action"] !== undefined
  const isForm = isScripted || /^multipart\/form-data\b/i.test(headers["content-type"] ?? "")
  if (method !== "POST" || !isForm || (!isScripted && readElsewhere.test(path))) return false
  if (headers["transfer-encoding"] === undefined) {
    if (!(Number(headers["content-length"]) > most)) return false
    request.resume()
    refuse(response, isScripted, most)
    return true
  }
  const { push } = request
  const { end } = response
  let size = 0
  request.push = (chunk, encoding) => {
    size += chunk?.length ?? 0
    if (size > most && !response.headersSent) {
      // Next may have replaced end() with one that compresses.
      response.end = end
      refuse(response, isScripted, most)
      discardResponse(response)
    }
    return push.call(request, chunk, encoding)
  }
  return false
}

/** components/use-form-action.ts recognizes how the sentence begins. @param {number} most */
const sentenceOf = (most) =>
  most < maxFormBytes
    ? `This form is larger than ${most / 1024} kB, and you are not signed in, so nothing was saved. Sign in in another tab, then submit it again.`
    : "This form is larger than 1 MB, so nothing was saved. Shorten what you typed, then submit it again."

/**
 * Scripts show the sentence in their form; others get a page.
 * @param {import("node:http").ServerResponse} response
 * @param {boolean} isScripted
 * @param {number} most
 */
function refuse(response, isScripted, most) {
  const sentence = sentenceOf(most)
  if (isScripted) response.writeHead(413, { "content-type": "text/plain", "cache-control": "no-store" }).end(sentence)
  else sendPlainPage(response, 413, "Form too large", `${sentence} Going back brings you to it.`)
}

/** Discards everything that is written from now on. @param {import("node:http").ServerResponse} response */
function discardResponse(response) {
  const ignore = () => response
  Object.assign(response, { writeHead: ignore, flushHeaders: ignore, write: () => true, end: ignore })
  Object.assign(response, { setHeader: ignore, appendHeader: ignore, removeHeader: ignore })
}
