import * as fc from "fast-check"

import { documentChecker } from "@/lib/test/api-document"
import { aModel, client, tally } from "./client"
import { anInstallation, serve } from "./installation"
import { found, type Trial } from "./trial"
import { slowestTurn, watchHealth } from "./watch-health"

type Schema = {
  $ref?: string
  type?: string | string[]
  properties?: Record<string, Schema>
  required?: string[]
  enum?: unknown[]
  items?: Schema
  anyOf?: Schema[]
  oneOf?: Schema[]
  maxLength?: number
}
type Operation = {
  requestBody?: { content?: Record<string, { schema: Schema }> }
  parameters?: { name: string; in: string; schema?: Schema }[]
}
type Document = { paths: Record<string, Record<string, Operation>>; components?: { schemas?: Record<string, Schema> } }

/** Values that break programs: boundaries of types, encodings and lengths. */
const nasty = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    true,
    false,
    0,
    -0,
    -1,
    1e308,
    2 ** 53,
    "",
    " ",
    "\0",
    "\u{feff}",
    "\ud800",
    "../..",
    "%00",
    "%2e%2e%2f",
    "'; drop table models; --",
    "<script>alert(1)</script>",
    "javascript:alert(1)",
    "__proto__",
    "constructor",
    [],
    {},
    [[]],
    { a: null },
    "a".repeat(10_000),
  ),
  fc.string({ unit: "binary" }),
  fc.jsonValue(),
)

/** Valid values, so that some requests succeed. */
const likely: Record<string, fc.Arbitrary<unknown>> = {
  owner: fc.constant("alice"),
  name: fc.stringMatching(/^[a-z][a-z0-9-]{2,20}[a-z0-9]$/),
  hardware: fc.constant("cpu"),
  ...Object.fromEntries(
    ["github_url", "paper_url", "license_url", "cover_image_url"].map((field) => [
      field,
      fc.constantFrom("https://example.com/x", null),
    ]),
  ),
  description: fc.string({ unit: "binary", maxLength: 200 }),
}
const orLikely = (name: string, arbitrary: fc.Arbitrary<unknown>) =>
  likely[name] ? fc.oneof({ weight: 8, arbitrary: likely[name] }, { weight: 1, arbitrary }) : arbitrary

/** Mostly values that match the schema, sometimes arbitrary ones. */
function valueOf(schema: Schema | undefined, document: Document, depth = 0): fc.Arbitrary<unknown> {
  if (schema?.$ref) return valueOf(document.components?.schemas?.[schema.$ref.split("/").at(-1)!], document, depth)
  if (!schema || depth > 4) return nasty
  if (schema.enum)
    return fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...schema.enum) }, { weight: 1, arbitrary: nasty })
  const options = schema.anyOf ?? schema.oneOf
  if (options) return fc.oneof(...options.map((option) => valueOf(option, document, depth + 1)), nasty)
  const type = Array.isArray(schema.type) ? schema.type[0] : schema.type
  const fitting: fc.Arbitrary<unknown> =
    type === "object"
      ? fc.record(
          Object.fromEntries(
            Object.entries(schema.properties ?? {}).map(([name, inner]) => [
              name,
              orLikely(name, valueOf(inner, document, depth + 1)),
            ]),
          ),
          { requiredKeys: schema.required ?? [] },
        )
      : type === "array"
        ? fc.array(valueOf(schema.items, document, depth + 1), { maxLength: 5 })
        : type === "integer" || type === "number"
          ? fc.oneof(fc.integer(), fc.double())
          : type === "boolean"
            ? fc.boolean()
            : fc.oneof(
                fc.string({ unit: "grapheme", maxLength: Math.min(schema.maxLength ?? 60, 600) }),
                fc.webUrl(),
                fc.constantFrom("cpu", "alice", "bob", "mine", "public", "private"),
              )
  return fc.oneof({ weight: 5, arbitrary: fitting }, { weight: 1, arbitrary: nasty })
}

/** UTF-8 cannot encode lone surrogates. */
const wellFormed = (text: string) => Buffer.from(text).toString()

/** Responses must not reveal anything about the machine or the program. */
const leaks = /\n {4}at |node_modules|\.(?:mjs|tsx?):\d|\/tmp\/|\/work\/|SQLITE_|SqliteError|PostgresError|drizzle/

const fuzz: Trial = {
  name: "fuzz from our own OpenAPI",
  alone: true,
  async run({ cases, seed }) {
    const { folder, alice, bob } = await anInstallation()
    const server = await serve(folder)
    const health = watchHealth(server.url, server.child.pid!)
    const ask = client(server.url, alice.token, 4)
    const document = JSON.parse((await ask("GET", "/v1/openapi.json")).text) as Document
    const check = documentChecker(document as never)
    await ask("POST", "/v1/models", { body: aModel("alice", "mine") })
    await ask("POST", "/v1/models", { body: aModel("bob", "theirs"), token: bob.token })

    const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
    )
    const statuses: number[] = []
    const wrong: string[] = []
    for (const { path, method, operation } of operations) {
      const parameters = path.match(/\{\w+\}/g) ?? []
      const segment = fc.oneof(
        fc.constantFrom("alice", "bob", "mine", "theirs", "never-was", "0".repeat(64)),
        fc.string({ unit: "binary", minLength: 1, maxLength: 40 }),
        fc.constantFrom("..", "%2e%2e", "%00", "%ff", "%", "a%2Fb", "'--", "💥"),
      )
      const body = Object.values(operation.requestBody?.content ?? {})[0]?.schema
      const query = fc.dictionary(
        fc.oneof(
          fc.constantFrom(
            ...(operation.parameters ?? []).filter((one) => one.in === "query").map(({ name }) => name),
            "cursor",
            "limit",
          ),
          fc.string({ maxLength: 8 }),
        ),
        fc.oneof(
          fc.string({ unit: "binary", maxLength: 60 }),
          fc.constantFrom("W10", "bnVsbA", "WyIiLDFd", "-1", "1e9", "NaN"),
        ),
        { maxKeys: 3 },
      )
      const arbitrary = fc.record({
        segments: fc.tuple(...parameters.map(() => segment)),
        query,
        body: body ? valueOf(body, document) : fc.option(nasty, { nil: undefined, freq: 4 }),
        broken: fc.oneof(
          { weight: 12, arbitrary: fc.constant(undefined) },
          { weight: 1, arbitrary: fc.string({ unit: "binary" }) },
        ),
        token: fc.oneof(
          { weight: 10, arbitrary: fc.constant(alice.token) },
          { weight: 1, arbitrary: fc.constantFrom(null, "nonsense", bob.token) },
        ),
      })
      for (const sample of fc.sample(arbitrary, { numRuns: cases, seed })) {
        let next = 0
        // Half of the segments are sent unencoded where HTTP allows it, as an attacker would.
        const address = path.replace(/\{\w+\}/g, () => {
          const text = sample.segments[next++]!
          return /^[\x21-\x7e]+$/.test(text) && !/[?#]/.test(text) ? text : encodeURIComponent(wellFormed(text))
        })
        const search = new URLSearchParams(
          Object.entries(sample.query).map(([name, value]) => [wellFormed(name), wellFormed(value)]),
        ).toString()
        const url = `${address}${search && `?${search}`}`
        const raw = sample.broken ?? (sample.body === undefined ? undefined : JSON.stringify(sample.body))
        const answer = await ask(method, url, { token: sample.token, raw: method === "GET" ? undefined : raw }).catch(
          (error: Error) => ({ status: 0, text: error.message, headers: {} as Record<string, string> }),
        )
        statuses.push(answer.status)
        const type = String(answer.headers["content-type"] ?? "")
        try {
          if (answer.status === 0 || answer.status >= 500) throw new Error(`answered ${answer.status}`)
          if (leaks.test(answer.text)) throw new Error("an answer tells of the program")
          check(method, url, {
            status: answer.status,
            type,
            text: answer.text,
            body: answer.text !== "" && type.includes("json") ? JSON.parse(answer.text) : undefined,
          })
        } catch (error) {
          wrong.push(
            `${method} ${url.slice(0, 200)} ${String(raw).slice(0, 200)}: ${(error as Error).message.slice(0, 300)}`,
          )
        }
      }
    }
    await health.stop()
    const alive = (await ask("GET", "/v1/account")).status === 200
    ask.end()
    await server.stop()
    for (const line of wrong.slice(0, 10)) console.error(line)
    return found(
      `${operations.length} routes × ${cases} cases, seed ${seed}: ${tally(statuses)}; ${wrong.length} not as the document says; ${health.figure()}`,
      {
        "an answer is wrong": wrong.length > 0,
        "the loop was blocked": Math.max(health.slowestTurnMs, health.slowestQuietMs) > slowestTurn,
        "/healthz failed": health.failed > 0,
        "the server is gone": !alive,
      },
    )
  },
}

export const fuzzing = [fuzz]
