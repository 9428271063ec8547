// Also generated in the browser, so this imports nothing that is server-only.
import { pythonClient, shellQuoted, type Snippet } from "@/lib/models/snippets"
import { runSnippet, type PullableImage } from "@/lib/registry/snippets"

/** A run as code: waiting for the result, and streaming the output if supported. */
export type RunSnippet = Omit<Snippet, "id"> & { id: Snippet["id"] | "docker"; stream?: string }

export type RunToWrite = {
  /** The origin of this installation. */
  origin: string
  /** owner/name. */
  model: string
  version: string
  input: Record<string, unknown>
  /** The names of secret inputs, which code reads from the environment. */
  secrets?: string[]
  /** Whether the output is streamed. */
  streams: boolean
  /** The image of the version, if it can be pulled. */
  image?: PullableImage | null
}

/** The environment variable for a secret. */
export const variableOf = (input: string): string =>
  input
    .toUpperCase()
    .replace(/[^A-Z0-9]+/g, "_")
    .replace(/^(?=\d)/, "_")

/**
 * A run in four languages and, if its image can be pulled, with Docker, with exactly this input. The token is read from
 * REPLICATE_API_TOKEN, as in official clients.
 */
export function runSnippets(run: RunToWrite): RunSnippet[] {
  const { origin, model, version, streams, image } = run
  const input = inputAsCode(run)
  const ref = `${model}:${version}`
  return [
    { id: "javascript", label: "Node.js", ...inNode(origin, ref, input, streams) },
    { id: "python", label: "Python", ...inPython(origin, ref, input, streams) },
    { id: "curl", label: "cURL", ...inShell(origin, version, input, streams) },
    { id: "cli", label: "CLI", ...withCli(origin, ref, input, streams) },
    ...(image ? [{ id: "docker" as const, label: "Docker", code: withDocker(image, input) }] : []),
  ]
}

/** A placeholder in an input for an environment variable. */
class Secret {
  constructor(readonly variable: string) {}
}

/** An input as `literal` writes it: secrets are read from the environment. */
export function inputAsCode({ input, secrets = [] }: Pick<RunToWrite, "input" | "secrets">): Record<string, unknown> {
  const entries = Object.entries(input).map(([name, value]) => [
    name,
    secrets.includes(name) && value !== null ? new Secret(variableOf(name)) : value,
  ])
  return Object.fromEntries(entries) as Record<string, unknown>
}

function inNode(origin: string, ref: string, input: Record<string, unknown>, streams: boolean) {
  const begin = `import Replicate from "replicate"

const replicate = new Replicate({
  auth: process.env.REPLICATE_API_TOKEN,
  baseUrl: ${JSON.stringify(`${origin}/v1`)},
  useFileOutput: false,
})
const input = ${literal(input, javascript)}
`
  return {
    code: `${begin}
let prediction
const output = await replicate.run(${JSON.stringify(ref)}, { input }, (now) => (prediction = now))
console.log(prediction)
console.log(output)`,
    ...(streams && {
      stream: `${begin}
for await (const event of replicate.stream(${JSON.stringify(ref)}, { input })) {
  if (event.event === "output") process.stdout.write(event.data)
}`,
    }),
  }
}

function inPython(origin: string, ref: string, input: Record<string, unknown>, streams: boolean) {
  const begin = `${pythonClient(origin)}
input = ${literal(input, python)}
`
  const version = JSON.stringify(ref.slice(ref.indexOf(":") + 1))
  return {
    code: `${begin}
prediction = client.predictions.create(version=${version}, input=input)
prediction.wait()
print(prediction)
print(prediction.output)`,
    ...(streams && {
      stream: `${begin}
for event in client.stream(${JSON.stringify(ref)}, input=input):
    print(str(event), end="", flush=True)`,
    }),
  }
}

function inShell(origin: string, version: string, input: Record<string, unknown>, streams: boolean) {
  const body = inQuotes(literal({ version, input }, json))
  const post = (wait: string) => `curl -s -X POST ${origin}/v1/predictions \\
  -H "Authorization: Bearer $REPLICATE_API_TOKEN" \\
  -H "Content-Type: application/json" \\
${wait}  -d ${body}`
  return {
    code: post('  -H "Prefer: wait" \\\n'),
    ...(streams && {
      stream: `stream=$(${post("")} | sed -n 's/.*"stream":"\\([^"]*\\)".*/\\1/p')
curl -sN "$stream" -H "Accept: text/event-stream"`,
    }),
  }
}

/** Docker on the reader's machine, with Cog's HTTP API, which also accepts files as URLs. */
const withDocker = (image: PullableImage, input: Record<string, unknown>) =>
  runSnippet(image, inQuotes(literal({ input }, json)))

/** The official command line takes one argument per input and cannot express all of them. */
function withCli(origin: string, ref: string, input: Record<string, unknown>, streams: boolean) {
  const odd = Object.entries(input).filter(
    ([name, value]) =>
      name.includes("=") ||
      typeof value === "bigint" ||
      (typeof value === "string" && (value.startsWith("@") || value.includes("{{"))),
  )
  if (odd.length > 0)
    return { code: `# The command line reads ${odd.map(([name]) => name).join(", ")} as something else. Use cURL.` }
  const words = Object.entries(input).flatMap(([name, value]) => (value === null ? [] : [wordOf(name, value)]))
  const call = (command: string) =>
    [`REPLICATE_BASE_URL=${origin}/v1 replicate ${command} ${shellQuoted(ref)}`, ...words].join(" \\\n  ")
  return { code: [call("run"), "--json"].join(" \\\n  "), ...(streams && { stream: call("stream") }) }
}

const wordOf = (name: string, value: unknown) =>
  value instanceof Secret
    ? `${shellQuoted(`${name}=`)}"$${value.variable}"`
    : shellQuoted(`${name}=${typeof value === "string" ? value : literal(value, json, "")}`)

/** Text with secrets as one shell word. */
export const inQuotes = (text: string) =>
  // JSON text never contains these characters unescaped.
  // oxlint-disable-next-line no-control-regex
  `'${text.replaceAll("'", "'\\''").replace(/"\u0000(\w+)\u0000"/g, (_, variable: string) => `"'"$${variable}"'"`)}'`

type Language = {
  indent: string
  key: (name: string) => string
  word: (value: boolean | null) => string
  number: (value: number | bigint) => string
  secret: (variable: string) => string
}

export const json: Language = {
  indent: "  ",
  key: (name) => JSON.stringify(name),
  word: String,
  number: String,
  secret: (variable) => `"\u0000${variable}\u0000"`,
}
export const javascript: Language = {
  ...json,
  // A key of this name would set the object's prototype.
  key: (name) =>
    name === "__proto__" ? '["__proto__"]' : /^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name),
  // The server converts this text to the exact number, which JavaScript would round.
  number: (value) => (typeof value === "bigint" ? `"${value}"` : String(value)),
  secret: (variable) => `process.env.${variable}`,
}
export const python: Language = {
  indent: "    ",
  key: (name) => JSON.stringify(name),
  word: (value) => ({ true: "True", false: "False", null: "None" })[String(value)]!,
  number: String,
  secret: (variable) => `os.environ["${variable}"]`,
}

/** A value as code. */
export function literal(value: unknown, language: Language, indent = language.indent, before = ""): string {
  if (value instanceof Secret) return language.secret(value.variable)
  if (value === null || value === undefined || typeof value === "boolean") return language.word(value ?? null)
  if (typeof value === "number" || typeof value === "bigint") return language.number(value)
  if (typeof value === "string") return JSON.stringify(value)
  const [open, close] = Array.isArray(value) ? "[]" : "{}"
  const inner = before + indent
  const parts = Array.isArray(value)
    ? value.map((one) => literal(one, language, indent, inner))
    : Object.entries(value).map(([name, one]) => `${language.key(name)}: ${literal(one, language, indent, inner)}`)
  if (parts.length === 0) return `${open}${close}`
  return indent === ""
    ? `${open}${parts.join(",")}${close}`
    : `${open}\n${parts.map((part) => inner + part).join(",\n")}\n${before}${close}`
}
