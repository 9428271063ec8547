// Imported before anything that may print. In production, what Next and other libraries print goes to the log, with its secrets blotted out.
import { format, stripVTControlCharacters } from "node:util"
import { log, redacted } from "./log.mjs"

/** More of one line helps nobody. */
const longest = 8000

/** @type {Record<"debug" | "log" | "info" | "warn" | "error" | "trace", Parameters<typeof log>[0]>} */
const levels = { debug: "debug", log: "info", info: "info", warn: "warn", error: "error", trace: "debug" }

/** Has a console write to the log. @param {Partial<Console>} target */
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

/** Says something to whoever started the server. @param {string} text */
export const say = (text) => void process.stdout.write(`${redacted(text)}\n`)

/** Says what is wrong to whoever started the server. @param {string} text */
export const complain = (text) => void process.stderr.write(`${redacted(text)}\n`)
