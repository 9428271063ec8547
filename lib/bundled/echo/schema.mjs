// One input of every type a schema supports. `text`, `delay`, `repeat`, `fail` and `log` have an effect; the others are
// only validated.

const optional = true

export const input = {
  text: { type: "string", description: "What is said back, word by word", default: "hello" },
  delay: { type: "number", description: "Seconds before each word", default: 0, minimum: 0, maximum: 3600 },
  repeat: { type: "integer", description: "How many times it is said", default: 1, minimum: 1, maximum: 1000 },
  fail: { type: "string", description: "At the end, fail with this message", optional },
  log: { type: "boolean", description: "Write every word, and what was given, to the log", default: false },
  letters: {
    type: "string",
    description: "Two to eight small letters",
    minLength: 2,
    maxLength: 8,
    pattern: "^[a-z]+$",
    optional,
  },
  note: { type: "string", description: "A text that may be null", nullable: true },
  count: { type: "integer", description: "A whole number from 0 to 100", minimum: 0, maximum: 100, optional },
  seed: { type: "integer", description: "Any whole number", optional },
  ratio: { type: "number", description: "A number from 0 to 1", minimum: 0, maximum: 1, optional },
  color: { enum: ["red", "green", "blue"], description: "One of three words", optional },
  size: { enum: [256, 512, 1024], description: "One of three numbers", optional },
  file: { type: "string", format: "uri", description: "A file", optional },
  picture: {
    type: "string",
    format: "uri",
    description: "A picture; may be null",
    nullable: true,
    "x-cog-accept": "image/*",
  },
  secret: {
    type: "string",
    format: "password",
    description: "A secret: it is never shown again",
    "x-cog-secret": true,
    writeOnly: true,
    optional,
  },
  words: { type: "array", items: { type: "string" }, description: "Several texts", optional },
  numbers: { type: "array", items: { type: "integer" }, description: "Several whole numbers", optional },
  files: { type: "array", items: { type: "string", format: "uri" }, description: "Several files", optional },
  options: { type: "object", description: "Any JSON object", optional },
  either: {
    anyOf: [{ type: "integer" }, { type: "string" }],
    description: "A whole number or a text",
    optional,
  },
  old: { type: "string", description: "Nobody uses this any more", deprecated: true, optional },
}

export const output = {
  type: "array",
  items: { type: "string" },
  "x-cog-array-type": "iterator",
  "x-cog-array-display": "concatenate",
}
