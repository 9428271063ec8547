// Imported before anything that may print. In production, output of Next and other libraries goes to the log, with
// secrets redacted.
import { format, stripVTControlCharacters } from "node:util"
import { log, redacted } from "./log.mjs"

/** Longer lines are cut off. */
const longest = 8000

/** @type {Record<"debug" | "log" | "info" | "warn" | "error" | "trace", Parameters<typeof log>[0]>} */
const levels = { debug: "debug", log: "info", info: "info", warn: "warn", error: "error", trace: "debug" }

/** Redirects a console to the log. @param {Partial<Console>} target */
export function captureConsole(target) {
  for (const [method, level] of Object.entries(levels))
    target[/** @type {keyof typeof levels} */ (method)] = (...args) => {
      const error = args.find((one) => one instanceof Error)
      const rest = args.filter((one) => one !== error)
      const text = stripVTControlCharacters(rest.length > 0 ? format(...rest) : "").trim()
      log(level, "printed", { ...(text && { text: text.slice(0, longest) }), ...(error && { error }) })
    }
}

if (process.env.NODE_ENV === "production") captureConsole(console)

// A log that cannot be written (its reader has gone, the disk is full) would be an uncaught exception, which would be
// logged, which would fail again, without an end. The server keeps serving; lines are lost until it can be written.
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {})

/** Prints a message for the operator. @param {string} text */
export const say = (text) => void process.stdout.write(`${redacted(text)}\n`)

/** Prints an error for the operator. @param {string} text */
export const complain = (text) => void process.stderr.write(`${redacted(text)}\n`)
