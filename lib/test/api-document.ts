import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js"
import addFormats from "ajv-formats"

type Operation = { responses: Record<string, { content?: Record<string, unknown> }> }
type Document = { paths: Record<string, Record<string, Operation>> }
type Answer = { status: number; type: string; text: string; body: unknown }

/**
 * Returns a function that throws if a response is not among those that the OpenAPI document describes for its method
 * and path.
 */
export function documentChecker(document: Document) {
  const ajv = new Ajv2020({ strict: false, allErrors: true })
  addFormats.default(ajv)
  ajv.addSchema(document, "api")

  const paths = Object.keys(document.paths).map((path) => ({ path, pattern: patternOf(path) }))
  const validators = new Map<string, ValidateFunction>()

  return function check(method: string, url: string, { status, type, text, body }: Answer) {
    const path = url.split("?")[0]!.replace(/(?<=.)\/+$/, "")
    const verb = method.toLowerCase()
    // Of several matching templates, the one with the fewest parameters counts.
    const found = paths
      .filter(({ path: template, pattern }) => pattern.test(path) && document.paths[template]![verb])
      .sort((a, b) => a.path.split("{").length - b.path.split("{").length)[0]
    // The document does not describe other requests: HEAD, OPTIONS, wrong methods and unknown paths.
    if (!found) return

    const described = document.paths[found.path]![verb]!.responses[status]
    const place = `${method} ${found.path} → ${status}`
    if (!described) throw new Error(`${place} is not in /v1/openapi.json: ${text.slice(0, 500)}`)

    const media = type.split(";")[0]!
    if (!described.content) {
      if (text !== "") throw new Error(`${place} has no body in /v1/openapi.json, yet answered ${text.slice(0, 500)}`)
      return
    }
    if (!(media in described.content))
      throw new Error(
        `${place} answered ${media || "no content type"}; /v1/openapi.json knows ${Object.keys(described.content)}`,
      )
    if (!media.endsWith("json")) return

    const pointer = ["paths", found.path, verb, "responses", String(status), "content", media, "schema"]
      .map(escaped)
      .join("/")
    if (!validators.has(pointer)) validators.set(pointer, ajv.compile({ $ref: `api#/${pointer}` }))
    const validate = validators.get(pointer)!
    if (!validate(body))
      throw new Error(
        `${place} is not as /v1/openapi.json says: ${ajv.errorsText(validate.errors)}\n${text.slice(0, 2000)}`,
      )
  }
}

const patternOf = (path: string) =>
  new RegExp(
    `^${path
      .split(/\{[^}]+\}/)
      .map((text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"))
      .join("[^/]+")}$`,
  )

const escaped = (part: string) => encodeURIComponent(part.replaceAll("~", "~0").replaceAll("/", "~1"))
