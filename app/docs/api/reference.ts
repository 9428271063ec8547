/** The parts of an OpenAPI 3.1 document that the reference shows. */
type Schema = {
  $ref?: string
  type?: string | string[]
  format?: string
  description?: string
  enum?: unknown[]
  properties?: Record<string, Schema>
  required?: string[]
  items?: Schema
  anyOf?: Schema[]
  default?: unknown
  minimum?: number
  maximum?: number
  minLength?: number
  maxLength?: number
}
type Content = Record<string, { schema?: Schema }>
type RawOperation = {
  operationId?: string
  summary?: string
  description?: string
  tags?: string[]
  security?: unknown[]
  parameters?: { name: string; in: string; required?: boolean; description?: string; schema?: Schema }[]
  requestBody?: { content?: Content }
  responses?: Record<string, { description?: string; content?: Content }>
}
export type Document = {
  paths?: Record<string, Record<string, RawOperation>>
  components?: { schemas?: Record<string, Schema> }
}

export type Field = {
  name: string
  where: "path" | "query" | "header" | "body"
  type: string
  required: boolean
  about: string
}
type Answer = { status: string; about: string; fields: Field[] }
export type Operation = {
  id: string
  summary: string
  description: string
  method: string
  path: string
  open: boolean
  fields: Field[]
  answers: Answer[]
}
export type Section = { tag: string; operations: Operation[] }

const statusWords: Record<string, string> = {
  200: "Done",
  201: "Created",
  202: "Accepted",
  204: "Done, no content",
  304: "Not modified",
  400: "A field is missing or invalid, or the body is not JSON",
  401: "The token is missing or invalid",
  403: "The token may not do this",
  404: "Not found, or not visible to you",
  409: "Already exists",
  413: "The body is too large",
  422: "The Idempotency-Key was used for another request",
  500: "Server error; it is logged",
  503: "The database is temporarily unavailable",
  507: "The disk is full",
  429: "Too many requests; Retry-After says when to retry",
}

/** The document as sections of operations, in its order. */
export function sectionsOf(document: Document): Section[] {
  const sections = new Map<string, Operation[]>()
  for (const [path, methods] of Object.entries(document.paths ?? {})) {
    for (const [method, raw] of Object.entries(methods)) {
      const tag = raw.tags?.[0] ?? "Other"
      sections.set(tag, [...(sections.get(tag) ?? []), operationOf(document, path, method, raw)])
    }
  }
  return [...sections].map(([tag, operations]) => ({ tag, operations }))
}

function operationOf(document: Document, path: string, method: string, raw: RawOperation): Operation {
  const parameters = (raw.parameters ?? []).map(({ name, in: where, required = false, description, schema }) => ({
    name,
    where: where as Field["where"],
    type: typeOf(schema),
    required,
    about: description ?? limitsOf(schema),
  }))
  return {
    id: raw.operationId ?? `${method}-${path}`,
    summary: raw.summary ?? `${method} ${path}`,
    description: raw.description ?? "",
    method: method.toUpperCase(),
    path,
    open: raw.security?.length === 0,
    fields: [...parameters, ...fieldsOf(document, jsonOf(raw.requestBody?.content))],
    answers: Object.entries(raw.responses ?? {}).map(([status, { content }]) => ({
      status,
      about: statusWords[status] ?? "",
      fields: Number(status) < 300 ? fieldsOf(document, jsonOf(content)) : [],
    })),
  }
}

const jsonOf = (content: Content | undefined) =>
  content && Object.entries(content).find(([type]) => type.includes("json"))?.[1].schema

/** The fields of an object, or of the items of a list. */
function fieldsOf(document: Document, schema: Schema | undefined): Field[] {
  const resolved = resolve(document, schema)
  if (resolved?.type === "array") return fieldsOf(document, resolved.items)
  return Object.entries(resolved?.properties ?? {}).map(([name, field]) => ({
    name,
    where: "body",
    type: typeOf(field),
    required: resolved?.required?.includes(name) ?? false,
    about: resolve(document, field)?.description ?? field.description ?? limitsOf(field),
  }))
}

/** A type for readers: "string", "public or private", "list of Model", "string or null". */
function typeOf(schema: Schema | undefined): string {
  if (!schema) return "any"
  if (schema.$ref) return nameOf(schema.$ref)
  if (schema.anyOf) return [...new Set(schema.anyOf.map((one) => typeOf(one)))].join(" or ")
  if (schema.enum) return schema.enum.map(String).join(" or ")
  if (schema.type === "array") return `list of ${typeOf(schema.items)}`
  // A description without a type, such as for the output of a model.
  if (!schema.type && schema.description) return "JSON value"
  const types = [schema.type ?? "any"].flat()
  return types
    .map((type) =>
      type === "string" && schema.format ? ({ uri: "URL", "date-time": "time" }[schema.format] ?? type) : type,
    )
    .join(" or ")
}

function resolve(document: Document, schema: Schema | undefined): Schema | undefined {
  return schema?.$ref ? document.components?.schemas?.[nameOf(schema.$ref)] : schema
}

const nameOf = (ref: string) => ref.split("/").at(-1)!

function limitsOf(schema: Schema | undefined): string {
  const candidates = [schema, ...(schema?.anyOf ?? [])]
  const longest = candidates.find((one) => one?.maxLength)?.maxLength
  return longest ? `At most ${longest.toLocaleString("en-US")} characters` : ""
}

type Example = { owner: string; origin: string }

/** A curl command that works unchanged on the viewer's host and account. */
export function curlOf({ method, path, open, fields }: Operation, { owner, origin }: Example): string {
  const values: Record<string, unknown> = {
    owner,
    name: "hotdog-detector",
    visibility: "private",
    hardware: "gpu-t4",
    description: "Tells hot dogs from everything else",
    query: "hotdog",
    slug: "getting-started",
    version_id: "VERSION_ID",
    id: "VERSION_ID",
  }
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? name.toUpperCase()))
  const required = (where: Field["where"]) => fields.filter((field) => field.where === where && field.required)
  const query = required("query").map(({ name }) => `${name}=${values[name] ?? ""}`)
  const bodyFields = fields.filter((field) => field.where === "body")
  const shown = bodyFields.filter(({ name, required }) => required || (method === "PATCH" && name === "description"))
  const body =
    bodyFields.length > 0 &&
    JSON.stringify(Object.fromEntries(shown.map(({ name }) => [name, values[name] ?? ""])), null, 2)

  return [
    `curl -s${method === "GET" ? "" : ` -X ${method}`} ${quotedUrl(`${origin}${filled}${query.length ? `?${query.join("&")}` : ""}`)}`,
    ...(open ? [] : [`-H "Authorization: Bearer $REPLICATE_API_TOKEN"`]),
    ...(method === "QUERY" ? [`-H "Content-Type: text/plain"`, `-d "hotdog"`] : []),
    ...(body ? [`-H "Content-Type: application/json"`, `-d '${body}'`] : []),
  ].join(" \\\n  ")
}

const quotedUrl = (url: string) => (url.includes("?") ? `"${url}"` : url)
