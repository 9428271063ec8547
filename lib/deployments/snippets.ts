// Code examples for a deployment. Also rendered in the browser, so no server-only imports.
import { shellQuoted, type Snippet } from "@/lib/models/snippets"

/** A call that waits for the result. The token is read from REPLICATE_API_TOKEN. */
export function deploymentSnippets(
  origin: string,
  owner: string,
  name: string,
  input: Record<string, unknown>,
): Snippet[] {
  const json = JSON.stringify(input, null, 2)
  return [
    {
      id: "curl",
      label: "cURL",
      code: `curl -s -X POST ${origin}/v1/deployments/${owner}/${name}/predictions \\
  -H "Authorization: Bearer $REPLICATE_API_TOKEN" \\
  -H "Content-Type: application/json" \\
  -H "Prefer: wait" \\
  -d ${shellQuoted(JSON.stringify({ input }, null, 2))}`,
    },
    {
      id: "javascript",
      label: "Node.js",
      code: `import Replicate from "replicate"

const replicate = new Replicate({
  auth: process.env.REPLICATE_API_TOKEN,
  baseUrl: "${origin}/v1",
})

const prediction = await replicate.deployments.predictions.create("${owner}", "${name}", {
  input: ${indented(json)},
})
const { output } = await replicate.wait(prediction)
console.log(output)`,
    },
    {
      id: "python",
      label: "Python",
      code: `import json, os, urllib.request

request = urllib.request.Request(
    "${origin}/v1/deployments/${owner}/${name}/predictions",
    data=json.dumps({"input": json.loads(${pythonText(JSON.stringify(input))})}).encode(),
    headers={
        "Authorization": "Bearer " + os.environ["REPLICATE_API_TOKEN"],
        "Content-Type": "application/json",
        "Prefer": "wait",
    },
)
print(json.load(urllib.request.urlopen(request))["output"])`,
    },
  ]
}

const indented = (json: string) => json.replaceAll("\n", "\n  ")
/** A JSON string is a valid Python string. */
const pythonText = (text: string) => JSON.stringify(text)

/** The request that creates such a deployment. */
export const createDeploymentSnippet = (origin: string, body: Record<string, unknown>): string =>
  `curl -s -X POST ${origin}/v1/deployments \\
  -H "Authorization: Bearer $REPLICATE_API_TOKEN" \\
  -H "Content-Type: application/json" \\
  -d ${shellQuoted(JSON.stringify(body, null, 2))}`
