import * as fc from "fast-check"

/** Sometimes repeats a small piece many times: what is cheap once is not always cheap 10,000 times. */
const repeated = (piece: fc.Arbitrary<string>) =>
  fc
    .tuple(
      piece,
      fc.oneof({ weight: 4, arbitrary: fc.constant(1) }, { weight: 1, arbitrary: fc.integer({ min: 2, max: 20_000 }) }),
    )
    .map(([text, times]) => text.repeat(Math.max(1, Math.min(times, Math.floor(100_000 / Math.max(1, text.length))))))

const word = fc.oneof(
  fc.constantFrom("a", "straße", "🎉", "&amp;", "\\", "\0", "\u202e", "x".repeat(300)),
  fc.string({ maxLength: 12 }),
)

const inline = fc.letrec<{ any: string }>((tie) => ({
  any: fc.oneof(
    { maxDepth: 5, withCrossShrink: true },
    word,
    fc.constantFrom(
      "*",
      "_",
      "**",
      "`",
      "~~",
      "[",
      "]",
      "](",
      "![",
      "<",
      "<!--",
      "&",
      "[^1]",
      "\\",
      "http://a",
      "a@b.c",
      "]: <",
    ),
    tie("any").map((text) => `*${text}*`),
    tie("any").map((text) => `**${text}**`),
    tie("any").map((text) => `\`${text}\``),
    fc.tuple(tie("any"), word).map(([text, to]) => `[${text}](https://a.example/${to})`),
    fc.tuple(tie("any"), word).map(([text, to]) => `![${text}](${to})`),
    fc.tuple(tie("any"), tie("any")).map(([one, other]) => `${one} ${other}`),
  ),
})).any

const block = fc.letrec<{ any: string }>((tie) => ({
  any: fc.oneof(
    { maxDepth: 6 },
    inline,
    inline.map((text) => `# ${text}`),
    inline.map((text) => `${text}\n===`),
    inline.map((text) => `[${text}]: https://a.example "t"`),
    fc.tuple(inline, inline).map(([one, other]) => `|${one}|${other}|\n|---|:-:|\n|${other}|${one}|`),
    fc
      .integer({ min: 1, max: 2000 })
      .map((columns) => `${"|a".repeat(columns)}|\n${"|-".repeat(columns)}|\n${"|b|\n".repeat(50)}`),
    inline.map((text) => `\`\`\`js\n${text}`),
    inline.map((text) => `---\nlicense: ${text}\ntags: [a, *b]\n---`),
    tie("any").map((text) => text.replace(/^/gm, "> ")),
    tie("any").map((text) => text.replace(/^/gm, "  ").replace(/^ {2}/, "- ")),
    fc.tuple(tie("any"), tie("any")).map(([one, other]) => `${one}\n\n${other}`),
  ),
})).any

/** Markdown of at most 200,000 characters, valid and broken. */
export const markdownTexts: fc.Arbitrary<string> = fc
  .array(
    repeated(
      fc.oneof(
        inline,
        block,
        block.map((text) => `${text}\n`),
      ),
    ),
    { minLength: 1, maxLength: 8 },
  )
  .chain((parts) => fc.constantFrom("", "\n", "\n\n").map((between) => parts.join(between).slice(0, 200_000)))

const reference = fc
  .constantFrom("#", "#/", "#/components/schemas/Input", "#/components/schemas/Output", "#/components/schemas/A")
  .chain((to) => fc.constantFrom(to, `${to}/properties/a`, `${to}/items`, `${to}/allOf/0`))
const bound = fc.oneof(fc.double(), fc.integer(), fc.constantFrom<unknown>(null, "1", 1e308, -0, [], {}))
const type = fc.constantFrom<unknown>(
  "string",
  "integer",
  "number",
  "boolean",
  "array",
  "object",
  "null",
  ["string", "null"],
  7,
  null,
)

const schema = fc.letrec<{ any: unknown }>((tie) => {
  const leaf = fc.oneof(
    reference.map(($ref) => ({ $ref })),
    type.map((only) => ({ type: only })),
  )
  const many = fc.oneof(
    fc.array(tie("any"), { maxLength: 4 }),
    fc.tuple(leaf, fc.integer({ min: 1, max: 2000 })).map(([one, times]) => Array.from({ length: times }, () => one)),
  )
  const named = fc.dictionary(
    fc.oneof(fc.constantFrom("a", "__proto__", "constructor", ""), fc.string({ maxLength: 8 })),
    tie("any"),
    {
      maxKeys: 5,
    },
  )
  return {
    any: fc.oneof(
      { maxDepth: 5 },
      reference.map(($ref) => ({ $ref })),
      type.map((only) => ({ type: only })),
      fc.jsonValue({ maxDepth: 2 }),
      fc.record(
        {
          type,
          $ref: reference,
          title: word,
          description: word,
          format: fc.constantFrom("uri", "password", "date", 3),
          enum: fc.oneof(
            fc.array(fc.jsonValue({ maxDepth: 1 })),
            fc.constant(Array.from({ length: 1000 }, (_, n) => n)),
          ),
          default: fc.jsonValue({ maxDepth: 2 }),
          minimum: bound,
          maximum: bound,
          exclusiveMinimum: bound,
          minLength: bound,
          maxLength: bound,
          pattern: fc.constantFrom("(a+)+$", "[", "^a"),
          nullable: fc.boolean(),
          "x-order": bound,
          "x-cog-accept": word,
          allOf: many,
          anyOf: many,
          oneOf: many,
          items: tie("any"),
          properties: named,
          additionalProperties: tie("any"),
          required: fc.array(word),
        },
        { requiredKeys: [] },
      ),
    ),
  }
}).any

const chain = (length: number, name: string) =>
  Object.fromEntries(
    Array.from({ length }, (_, n) => [
      `${name}${n}`,
      {
        properties: {
          a: { $ref: `#/components/schemas/${name}${n + 1}` },
          b: { $ref: `#/components/schemas/${name}${n + 1}` },
        },
      },
    ]),
  )

/** An enum with as many values as a schema can hold, or more. */
const wideEnum = fc
  .tuple(fc.integer({ min: 100, max: 60_000 }), fc.constantFrom("", "a", "\u{1f389}", "x".repeat(40)))
  .map(([length, text]) => ({ enum: Array.from({ length }, (_, n) => (text === "" ? n : `${text}${n}`)) }))

/** Schemas nested more deeply than is accepted. */
const deep = fc
  .tuple(fc.integer({ min: 1, max: 200 }), fc.constantFrom("items", "allOf", "anyOf", "properties", "default"))
  .map(([depth, by]) => {
    let at: unknown = { type: "string" }
    for (let n = 0; n < depth; n++)
      at = by === "properties" ? { properties: { a: at } } : { [by]: by.endsWith("Of") ? [at, at] : at }
    return at
  })
  // An object that is referenced twice is serialized twice.
  .filter((one) => sizeUpTo(one, 200_000) < 200_000)

function sizeUpTo(value: unknown, most: number): number {
  let [size, waiting] = [0, [value]]
  while (waiting.length > 0 && size < most) {
    const one = waiting.pop()
    size += 10
    if (typeof one === "object" && one !== null) waiting.push(...Object.values(one))
  }
  return size
}

const member = fc.oneof(
  { weight: 8, arbitrary: schema },
  { weight: 1, arbitrary: wideEnum },
  { weight: 1, arbitrary: deep },
)

/**
 * OpenAPI documents of versions: circular references, wide unions and enums, deep nesting, and trees that double at
 * every level.
 */
export const schemaTexts: fc.Arbitrary<string> = fc
  .tuple(schema, member, schema, member, fc.integer({ min: 0, max: 60 }))
  .map(([own, property, Output, A, length]) => {
    const Input = isRecord(own) ? { ...own, properties: { ...properties(own), wide: property } } : own
    return JSON.stringify({
      openapi: "3.0.2",
      components: { schemas: { Input, Output, A, TrainingInput: A, ...chain(length, "C") } },
    })
  })
  .filter((text) => text.length <= 1_000_000)

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value)
const properties = ({ properties }: Record<string, unknown>) => (isRecord(properties) ? properties : {})

const longText = fc
  .tuple(
    fc.constantFrom("a", "\u{1f389}", '"', "\\", "<b>", "\u0000", "\u202e", "{"),
    fc.integer({ min: 1, max: 100_000 }),
  )
  .map(([piece, times]) => piece.repeat(times))
const anyText = fc.oneof(
  { weight: 6, arbitrary: fc.string({ unit: "binary", maxLength: 60 }) },
  { weight: 1, arbitrary: longText },
)

/** Labels of images: known ones, arbitrary ones, many of them, and values that are not strings. */
export const labelTexts: fc.Arbitrary<Record<string, unknown>> = fc
  .tuple(
    fc.dictionary(
      fc.oneof(
        fc.constantFrom(
          "run.cog.version",
          "run.cog.config",
          "run.cog.push_id",
          "run.cog.pip_freeze",
          "run.cog.has_init",
          "org.cogmodel.config",
          "org.cogmodel.cog_version",
          "org.opencontainers.image.revision",
          "org.opencontainers.image.source",
          "__proto__",
        ),
        anyText,
      ),
      fc.oneof(
        { weight: 3, arbitrary: anyText },
        { weight: 2, arbitrary: fc.jsonValue({ maxDepth: 4 }).map((value) => JSON.stringify(value)) },
        { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 2 }) },
        {
          weight: 1,
          arbitrary: fc.integer({ min: 1, max: 5000 }).map((depth) => "[".repeat(depth) + "]".repeat(depth)),
        },
      ),
      { maxKeys: 12 },
    ),
    fc.oneof({ weight: 6, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.integer({ min: 1, max: 5000 }) }),
  )
  .map(([labels, many]) => ({
    ...labels,
    ...Object.fromEntries(Array.from({ length: many }, (_, n) => [`label.${n}`, "x".repeat(n % 50)])),
  }))

/** A digest that a manifest can name. */
type Part = string

/** More characters than are accepted. */
const largestManifest = 5_000_000

const formats = {
  manifest: "application/vnd.oci.image.manifest.v1+json",
  index: "application/vnd.oci.image.index.v1+json",
  docker: "application/vnd.docker.distribution.manifest.v2+json",
  list: "application/vnd.docker.distribution.manifest.list.v2+json",
}

/**
 * Manifests and indexes that reference existing and missing content, have subjects, and are sometimes of the maximum
 * size, or broken.
 */
export function manifestTexts(known: {
  subjects: Part[]
  blobs: Part[]
  manifests: Part[]
}): fc.Arbitrary<{ text: string; type: string }> {
  const annotations = fc.oneof(
    { weight: 3, arbitrary: fc.dictionary(anyText, fc.oneof(anyText, fc.jsonValue({ maxDepth: 1 })), { maxKeys: 5 }) },
    {
      weight: 1,
      arbitrary: fc
        .tuple(fc.integer({ min: 1, max: 20_000 }), fc.integer({ min: 0, max: 150 }))
        .map(([many, long]) => Object.fromEntries(Array.from({ length: many }, (_, n) => [`a${n}`, "x".repeat(long)]))),
    },
  )
  const descriptor = (digests: Part[]) =>
    fc.record(
      {
        mediaType: fc.oneof(
          {
            weight: 60,
            arbitrary: fc.constantFrom(...Object.values(formats), "application/vnd.oci.image.layer.v1.tar"),
          },
          { weight: 1, arbitrary: anyText },
        ),
        digest: fc.oneof(
          { weight: 60, arbitrary: fc.constantFrom(...digests) },
          { weight: 1, arbitrary: fc.oneof(anyText, fc.constant(`sha256:${"0".repeat(64)}`)) },
        ),
        size: fc.oneof({ weight: 60, arbitrary: fc.nat({ max: 1000 }) }, { weight: 1, arbitrary: bound }),
        annotations,
        platform: fc.oneof(fc.constant({ os: "linux", architecture: "amd64" }), fc.jsonValue({ maxDepth: 2 })),
        artifactType: anyText,
        urls: fc.array(anyText, { maxLength: 3 }),
        data: anyText,
      },
      { requiredKeys: ["mediaType", "digest", "size"] },
    )
  const many = (digests: Part[]) =>
    fc
      .tuple(
        fc.array(descriptor(digests), { maxLength: 4 }),
        fc.oneof({ weight: 3, arbitrary: fc.constant(1) }, { weight: 1, arbitrary: fc.integer({ min: 1, max: 800 }) }),
      )
      .map(([list, times]) => {
        const fitting = Math.max(1, Math.floor(largestManifest / JSON.stringify(list).length))
        return Array.from({ length: Math.min(times, fitting) }, () => list).flat()
      })
  return fc
    .tuple(
      fc.constantFrom<keyof typeof formats>("manifest", "manifest", "index", "docker", "list"),
      fc.record(
        {
          artifactType: fc.oneof(fc.constantFrom("application/x.signature", "application/x.bom"), anyText),
          annotations,
          subject: descriptor(known.subjects),
          config: descriptor(known.blobs),
          layers: many(known.blobs),
          manifests: many(known.manifests),
          anything: fc.jsonValue({ maxDepth: 3 }),
        },
        { requiredKeys: ["config", "layers", "manifests"] },
      ),
      fc.oneof(
        { weight: 12, arbitrary: fc.constant((text: string) => text) },
        { weight: 1, arbitrary: fc.nat({ max: 500 }).map((at) => (text: string) => text.slice(0, at)) },
        {
          weight: 1,
          arbitrary: fc
            .integer({ min: 1, max: 1_000_000 })
            .map((deep) => () => '{"a":'.repeat(Math.min(deep, 800_000))),
        },
      ),
    )
    .map(([kind, { layers, config, manifests, ...rest }, breaking]) => ({
      type: formats[kind],
      text: breaking(
        JSON.stringify({
          schemaVersion: 2,
          mediaType: formats[kind],
          ...rest,
          ...(kind === "index" || kind === "list" ? { manifests } : { config, layers }),
        }),
      ),
    }))
}

/** Inputs of predictions as JSON: valid and invalid, long, wide and deep. */
export const inputTexts: fc.Arbitrary<string> = fc.oneof(
  fc
    .dictionary(
      fc.oneof(fc.constantFrom("a", "wide", "prompt", "__proto__", "constructor", ""), fc.string({ maxLength: 8 })),
      fc.oneof(anyText, fc.jsonValue({ maxDepth: 4 }), bound),
      { maxKeys: 6 },
    )
    .map((input) => JSON.stringify(input)),
  fc.integer({ min: 1, max: 5000 }).map((depth) => `{"a":${"[".repeat(depth)}${"]".repeat(depth)}}`),
  fc.integer({ min: 1, max: 100_000 }).map((length) => `{"wide":[${Array.from({ length }, (_, n) => n).join()}]}`),
  fc.integer({ min: 1, max: 20_000 }).map((length) => `{${Array.from({ length }, (_, n) => `"k${n}":${n}`).join()}}`),
  fc
    .integer({ min: 1, max: 60 })
    .map((times) => JSON.stringify({ a: `${"a".repeat(times)}!`, wide: "a".repeat(times) })),
  fc.constantFrom("[]", "null", "1e400", '{"a":1e400}', '"a"'),
)

/**
 * Multipart bodies with the boundary `x`: with few parts or as many as fit into the megabyte that is read, with React's
 * field names for actions.
 */
export const formBodies: fc.Arbitrary<string> = fc
  .tuple(
    fc.oneof(
      { weight: 1, arbitrary: fc.integer({ min: 1, max: 10 }) },
      { weight: 1, arbitrary: fc.nat({ max: 17_000 }) },
    ),
    fc.array(
      fc.tuple(
        fc.constantFrom(
          "a",
          "0",
          "$ACTION_REF_1",
          "$ACTION_1:0",
          "$ACTION_1:1",
          "$ACTION_ID_0",
          "$ACTION_KEY",
          "__proto__",
        ),
        fc.oneof(fc.constantFrom("", '["$K1"]', '["$1"]', '{"id":"0","bound":"$@1"}'), fc.string({ maxLength: 20 })),
      ),
      { minLength: 1, maxLength: 6 },
    ),
  )
  .map(([count, parts]) => {
    let body = ""
    for (let n = 0; n < count && body.length < 900_000; n++) {
      const [name, value] = parts[n % parts.length]!
      body += `--x\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`
    }
    return `${body}--x--\r\n`
  })

/** Values of about `size` characters of JSON: long strings, markup, many small values, many keys, and deep nesting. */
export const largeValues = (size: number): fc.Arbitrary<unknown> =>
  fc.oneof(
    fc
      .constantFrom("x", "<b>", '"', "\n", "💥", "a b ", "\u001b[31m")
      .map((part) => part.repeat(size / part.length / 6)),
    fc.constantFrom<unknown>(0, "", null, [], {}, "a").map((one) => Array.from({ length: size / 4 }, () => one)),
    fc.integer({ min: 1, max: 50 }).map((levels) => {
      const one = JSON.parse("[".repeat(levels) + "]".repeat(levels)) as unknown
      return Array.from({ length: size / (2 * levels + 1) }, () => one)
    }),
    fc
      .string({ minLength: 1, maxLength: 5 })
      .map((name) => Object.fromEntries(Array.from({ length: size / 20 }, (_, n) => [`${name}${n}`, n]))),
    fc.jsonValue(),
  )
