import type { CreateModelInput } from "./schema"

/** A code sample in one language. */
export type Snippet = { id: "curl" | "javascript" | "python" | "cli"; label: string; code: string }

/** The non-empty fields of a create request, in the order of the contract. */
export type CreateModelBody = Partial<Record<keyof CreateModelInput, string>>

const fieldOrder = [
  "owner",
  "name",
  "visibility",
  "hardware",
  "description",
  "github_url",
  "paper_url",
  "license_url",
  "cover_image_url",
] as const

/** The request body for the form's values, without blank optional fields. */
export function createBody(values: CreateModelBody): CreateModelBody {
  return Object.fromEntries(
    fieldOrder.flatMap((field) => (values[field]?.trim() ? [[field, values[field].trim()]] : [])),
  )
}

/** How to get the official clients. */
export const installSnippets: Snippet[] = [
  { id: "javascript", label: "Node.js", code: "npm install replicate" },
  { id: "python", label: "Python", code: "pip install replicate" },
  { id: "cli", label: "CLI", code: "brew tap replicate/tap && brew install replicate" },
]

/** The create request in four languages. The token is read from REPLICATE_API_TOKEN, as in official clients. */
export function createSnippets(origin: string, values: CreateModelBody): Snippet[] {
  const body = createBody(values)
  const { owner = "", name = "", ...rest } = body
  const options = Object.entries(rest)
  const flags = options.map(([field, value]) =>
    field === "visibility" ? `--${value}` : `--${field.replaceAll("_", "-")} ${shellQuoted(value)}`,
  )

  return [
    {
      id: "curl",
      label: "cURL",
      code: `curl -s -X POST ${origin}/v1/models \\
  -H "Authorization: Bearer $REPLICATE_API_TOKEN" \\
  -H "Content-Type: application/json" \\
  -d ${shellQuoted(JSON.stringify(body, null, 2))}`,
    },
    {
      id: "cli",
      label: "CLI",
      code: [
        `REPLICATE_BASE_URL=${origin}/v1 replicate model create ${shellQuoted(`${owner}/${name}`)}`,
        ...flags,
      ].join(" \\\n  "),
    },
    {
      id: "javascript",
      label: "JavaScript",
      code: `${nodeClient(origin)}
const model = await replicate.models.create(${JSON.stringify(owner)}, ${JSON.stringify(name)}, {
${options.map(([field, value]) => `  ${field}: ${JSON.stringify(value)},`).join("\n")}
})
console.log(model.url)`,
    },
    {
      id: "python",
      label: "Python",
      code: `${pythonClient(origin)}
model = client.models.create(
${Object.entries(body)
  .map(([field, value]) => `    ${field}=${pythonQuoted(value)},`)
  .join("\n")}
)
print(model.url)`,
    },
  ]
}

/** The first lines of code for Node.js: the official client, set up for this server. */
export const nodeClient = (origin: string) => `import Replicate from "replicate"

const replicate = new Replicate({
  auth: process.env.REPLICATE_API_TOKEN,
  baseUrl: ${JSON.stringify(`${origin}/v1`)},
})`

/** The first lines of code for Python. */
export const pythonClient = (origin: string) => `import os
import replicate

client = replicate.Client(
    api_token=os.environ["REPLICATE_API_TOKEN"],
    base_url=${pythonQuoted(origin)},
)`

/** Code that fetches one model, in four languages. */
export function readSnippets(origin: string, owner: string, name: string): Snippet[] {
  return [
    {
      id: "curl",
      label: "cURL",
      code: `curl -s ${origin}/v1/models/${owner}/${name} \\
  -H "Authorization: Bearer $REPLICATE_API_TOKEN"`,
    },
    { id: "cli", label: "CLI", code: `REPLICATE_BASE_URL=${origin}/v1 replicate model show ${owner}/${name}` },
    {
      id: "javascript",
      label: "JavaScript",
      code: `${nodeClient(origin)}
const model = await replicate.models.get(${JSON.stringify(owner)}, ${JSON.stringify(name)})
console.log(model)`,
    },
    {
      id: "python",
      label: "Python",
      code: `${pythonClient(origin)}
model = client.models.get(${pythonQuoted(`${owner}/${name}`)})
print(model)`,
    },
  ]
}

/** A text quoted as one word for a POSIX shell. */
export const shellQuoted = (text: string): string =>
  /^[\w./:@%+=,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`

// JSON escapes are valid in Python; characters outside the BMP stay unescaped, which both accept.
const pythonQuoted = (text: string) => JSON.stringify(text)
