// Code examples for a deployment. Also rendered in the browser, so no server-only imports.
import { nodeClient, pythonClient, shellQuoted, type Snippet } from "@/lib/models/snippets"
import { inQuotes, inputAsCode, javascript, json, literal, python } from "@/lib/predictions/snippets"

export type DeploymentToCall = {
  /** The origin of this installation. */
  origin: string
  owner: string
  name: string
  input: Record<string, unknown>
  /** The names of secret inputs, which code reads from the environment. */
  secrets?: string[]
}

/**
 * A call with exactly this input that waits for the result, in four languages. The token is read from
 * REPLICATE_API_TOKEN.
 */
export function deploymentSnippets({ origin, owner, name, ...given }: DeploymentToCall): Snippet[] {
  const input = inputAsCode(given)
  return [
    {
      id: "javascript",
      label: "Node.js",
      code: `${nodeClient(origin)}
const input = ${literal(input, javascript)}

let prediction = await replicate.deployments.predictions.create(${JSON.stringify(owner)}, ${JSON.stringify(name)}, { input })
prediction = await replicate.wait(prediction)
console.log(prediction)
console.log(prediction.output)`,
    },
    {
      id: "python",
      label: "Python",
      code: `${pythonClient(origin)}
input = ${literal(input, python)}

deployment = client.deployments.get(${JSON.stringify(`${owner}/${name}`)})
prediction = deployment.predictions.create(input=input)
prediction.wait()
print(prediction)
print(prediction.output)`,
    },
    {
      id: "curl",
      label: "HTTP",
      code: `curl -s -X POST ${origin}/v1/deployments/${owner}/${name}/predictions \\
  -H "Authorization: Bearer $REPLICATE_API_TOKEN" \\
  -H "Content-Type: application/json" \\
  -H "Prefer: wait" \\
  -d ${inQuotes(literal({ input }, json))}`,
    },
    {
      id: "cli",
      label: "CLI",
      code: `# The command line shows and changes deployments, and leaves calling them to the other languages.
REPLICATE_BASE_URL=${origin}/v1 replicate deployment show ${shellQuoted(`${owner}/${name}`)} --json`,
    },
  ]
}
