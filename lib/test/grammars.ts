import * as fc from "fast-check"

/** Small pieces, now and then repeated until they are long: what is cheap once is not always cheap 10,000 times. */
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

/** Texts that Markdown's grammar gives, whole and broken, of at most 200,000 characters. */
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

/** OpenAPI documents of versions: references in circles, wide unions, and trees that double at every step. */
export const schemaTexts: fc.Arbitrary<string> = fc
  .tuple(schema, schema, schema, fc.integer({ min: 0, max: 60 }))
  .map(([Input, Output, A, length]) =>
    JSON.stringify({
      openapi: "3.0.2",
      components: { schemas: { Input, Output, A, TrainingInput: A, ...chain(length, "C") } },
    }),
  )
  .filter((text) => text.length <= 1_000_000)
