// The request that creates a deployment, as code. Rendered in the browser, so no server-only imports.
import { nodeClient, pythonClient, shellQuoted, type Snippet } from "@/lib/models/snippets"

type Body = Record<string, string | number>

const numbers = new Set([
  "min_instances",
  "max_instances",
  "idle_seconds",
  "buffer_instances",
  "queue_limit",
  "run_limit_minutes",
  "setup_limit_minutes",
])
/** The fields that the command line has flags for. */
const flags = ["hardware", "min_instances", "max_instances"]

/** The request body for the form's values, without blank fields; a missing name has a placeholder. */
function createDeploymentBody({ owner: _owner, ...values }: Record<string, string>): Body {
  const filled = Object.entries(values).flatMap(([field, text]) =>
    text.trim() === "" ? [] : [[field, numbers.has(field) ? Number(text) || 0 : text.trim()]],
  )
  return {
    name: placeholderName,
    ...Object.fromEntries(filled),
    min_instances: 0,
    max_instances: 0,
    ...Object.fromEntries(filled),
  }
}

export const placeholderName = "my-deployment"

/** The request in four languages. The token is read from REPLICATE_API_TOKEN, as in official clients. */
export function createDeploymentSnippets(origin: string, values: Record<string, string>): Snippet[] {
  const body = createDeploymentBody(values)
  const entries = Object.entries(body)
  return [
    {
      id: "curl",
      label: "cURL",
      code: `curl -s -X POST ${origin}/v1/deployments \\
  -H "Authorization: Bearer $REPLICATE_API_TOKEN" \\
  -H "Content-Type: application/json" \\
  -d ${shellQuoted(JSON.stringify(body, null, 2))}`,
    },
    { id: "cli", label: "CLI", code: withCli(origin, body) },
    {
      id: "javascript",
      label: "JavaScript",
      code: `${nodeClient(origin)}
const deployment = await replicate.deployments.create({
${entries.map(([field, value]) => `  ${field}: ${JSON.stringify(value)},`).join("\n")}
})
console.log(deployment)`,
    },
    {
      id: "python",
      label: "Python",
      code: `${pythonClient(origin)}
deployment = client.deployments.create(
${entries.map(([field, value]) => `    ${field}=${JSON.stringify(value)},`).join("\n")}
)
print(deployment)`,
    },
  ]
}

function withCli(origin: string, { name, model = "", version, ...body }: Body): string {
  const left = Object.keys(body).filter((field) => !flags.includes(field))
  return [
    ...(left.length > 0 ? [`# The command line cannot set ${left.join(", ")}.`] : []),
    [
      `REPLICATE_BASE_URL=${origin}/v1 replicate deployment create ${shellQuoted(String(name))}`,
      `--model ${shellQuoted(`${model}:${version}`)}`,
      ...flags.map((field) => `--${field.replaceAll("_", "-")} ${shellQuoted(String(body[field] ?? ""))}`),
    ].join(" \\\n  "),
  ].join("\n")
}
