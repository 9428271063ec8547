// The log: one JSON object per line on stdout, with the request it belongs to. Secrets are redacted.

const levels = { fatal: 60, error: 50, warn: 40, info: 30, debug: 20, trace: 10, silent: 100 }
const least = levels[/** @type {keyof typeof levels} */ (process.env.LOG_LEVEL || "warn")] ?? levels.warn

/** Whether lines of this level are written. @param {keyof typeof levels} level */
export const logs = (level) => levels[level] >= least

/**
 * @param {keyof typeof levels} level
 * @param {string} message what happened, always in the same words
 * @param {Record<string, unknown>} [fields] what it happened to; `error` is logged with its stack and its causes
 */
export function log(level, message, fields) {
  if (logs(level)) process.stdout.write(lineOf(level, message, fields))
}

/**
 * The line as it is written.
 * @param {string} level
 * @param {string} message
 * @param {Record<string, unknown>} [fields]
 */
export function lineOf(level, message, { error, ...fields } = {}) {
  const request_id = /** @type {any} */ (globalThis)[Symbol.for("understudy.answering")]?.getStore()?.id
  const line = {
    level,
    time: new Date().toISOString(),
    msg: message,
    ...(request_id && { request_id }),
    ...fields,
    ...(error !== undefined && { error: serializeError(error) }),
  }
  return `${redacted(JSON.stringify(line))}\n`
}

/**
 * An error with its causes, without the properties that libraries add to it: query parameters are personal data.
 * @param {any} error
 * @returns {object}
 */
export function serializeError(error, depth = 0) {
  if (!(error instanceof Error)) return { message: String(error) }
  const { name, message, stack, cause, code } = /** @type {Error & { code?: unknown }} */ (error)
  const text = withoutParameters(stack ?? `${name}: ${message}`)
  return {
    name,
    message: withoutParameters(message),
    ...(typeof code === "string" && { code }),
    stack: text,
    ...(cause !== undefined && depth < 5 && { cause: serializeError(cause, depth + 1) }),
  }
}

/** Drizzle ends its message with the parameters of the query; the stack follows them. @param {string} text */
const withoutParameters = (text) => text.replace(/\nparams: [\s\S]*?(?=\n {4}at |$)/g, "\nparams: [redacted]")

/**
 * Redacts tokens, passwords in URLs, credentials in headers, argon2 hashes, session cookies, webhook secrets and URLs
 * that grant access, wherever they occur.
 * @param {string} text
 */
export const redacted = (text) =>
  text
    .replace(/\b[ur][s8]_[A-Za-z0-9]{20,}/g, "[redacted]")
    .replace(/\b(Bearer|Token|Basic) +[\w.~+/=-]{8,}/gi, "$1 [redacted]")
    .replace(/(\w+:\/\/[^\s:/@"]*):[^\s@"]+@/g, "$1:[redacted]@")
    .replace(/\$argon2[\w$=,+/-]+/g, "[redacted]")
    .replace(/\beyJ[\w-]{8,}\.[\w.-]{20,}/g, "[redacted]")
    .replace(/((?:__Host-)?understudy\.session=)[^;\s"]+/g, "$1[redacted]")
    .replace(/(\/(?:signin\/reset|invitations)\/)[^\s"?#/]+/g, "$1[redacted]")
    // Whoever knows the URL of a file or a stream can read it.
    .replace(/(\/files\/)[0-9a-z]{26}(?=\/)/g, "$1[redacted]")
    .replace(/(\/v1\/(?:streams|files)\/)[0-9a-z]{26}[\w-]{24}/g, "$1[redacted]")
    .replace(/\bwhsec_[A-Za-z0-9+/=_-]{20,}/g, "[redacted]")
