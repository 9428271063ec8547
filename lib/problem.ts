import { ZodError } from "zod"

/** The kinds of problems: HTTP status and title. */
export const kinds = {
  invalid: [400, "Validation failed"],
  unreadable: [400, "Bad request"],
  unauthenticated: [401, "Unauthenticated"],
  forbidden: [403, "Forbidden"],
  missing: [404, "Not found"],
  conflict: [409, "Conflict"],
  tooLarge: [413, "Request too large"],
  unprocessable: [422, "Unprocessable"],
  invalidInput: [422, "Input validation failed"],
  noSuchVersion: [422, "Invalid version or not permitted"],
  throttled: [429, "Too many requests"],
  unexpected: [500, "Internal server error"],
  unavailable: [503, "Service unavailable"],
  full: [507, "Insufficient storage"],
} as const satisfies Record<string, readonly [status: number, title: string]>

export type Kind = keyof typeof kinds

/** An error per field name. */
export type Fields = Record<string, string>

/** An expected error: `detail` is a complete message, because that is what clients show. */
export class Problem extends Error {
  override name = "Problem"
  constructor(
    readonly kind: Kind,
    readonly detail: string,
    readonly fields: Fields = {},
    /** Seconds to wait before retrying. */
    readonly retryAfter?: number,
  ) {
    super(detail)
  }
  get status(): number {
    return kinds[this.kind][0]
  }
  get title(): string {
    return kinds[this.kind][1]
  }
}

export const problem = (kind: Kind, detail: string, fields?: Fields, retryAfter?: number) =>
  new Problem(kind, detail, fields, retryAfter)

/** The message never names the object, so that private and missing ones are indistinguishable. */
export const missing = () => problem("missing", "The requested resource could not be found.")

/** The only place that decides what clients see of an error. Unexpected ones have the kind "unexpected"; log them. */
export function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error
  if (error instanceof ZodError) return invalid(fieldsOf(error))
  const code = storageCode(error)
  if (code === "BUCKET")
    return problem("unavailable", "The file storage does not respond. Nothing was changed; try again shortly.", {}, 5)
  if (code === "EMFILE" || code === "ENFILE")
    return problem("unavailable", "The server has too many files open. Nothing was changed; try again shortly.", {}, 5)
  if (code && /^(SQLITE_FULL|SQLITE_IOERR_WRITE|53100|ENOSPC)/.test(code))
    return problem(
      "full",
      "The server's disk is full. Nothing was changed; an administrator has to free up space.",
      {},
      60,
    )
  if (
    code &&
    /^(SQLITE_BUSY|SQLITE_READONLY|SQLITE_CANTOPEN|SQLITE_IOERR|25006|40001|40P01|57P0|08|53|ECONNREFUSED|CONNECT)/.test(
      code,
    )
  )
    return problem(
      "unavailable",
      "The database is temporarily unavailable. Nothing was changed; try again shortly.",
      {},
      5,
    )
  return problem("unexpected", "Something went wrong on the server. It has been logged.")
}

/** A validation error whose detail lists every field's error, in the form that official clients print. */
export function invalid(fields: Fields): Problem {
  const lines = Object.entries(fields).map(([field, complaint]) => `\n- ${field ? `${field}: ` : ""}${complaint}`)
  return problem("invalid", `The following errors occurred:${lines.join("")}`, fields)
}

/** The result of a verb; null if it throws `missing`. */
export async function nullIfNotFound<T>(answer: Promise<T>): Promise<T | null> {
  try {
    return await answer
  } catch (error) {
    if (error instanceof Problem && error.kind === "missing") return null
    throw error
  }
}

/** The first error of each field. */
export function fieldsOf(error: ZodError): Fields {
  const fields: Fields = {}
  for (const issue of error.issues) fields[issue.path.join(".")] ??= issue.message
  return fields
}

/** The code of a database or file system error, however deeply a library wrapped it. */
function storageCode(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined
  const { code, cause } = error as Error & { code?: unknown }
  return typeof code === "string" ? code : storageCode(cause)
}
