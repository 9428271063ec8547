// Run beside a test's own server, on its data: creates a version for every shape among the published schemas, and for
// the longest, and prints their URLs.
import models from "all-the-public-replicate-models"

import { closeDatabase } from "@/db"
import { actorFor, addUser } from "@/lib/owners/owner"
import { aModel, aVersion } from "@/lib/test/factories"
import { readForm } from "@/lib/versions/read-form"

const published = models.flatMap(({ latest_version }) =>
  latest_version?.openapi_schema ? [latest_version.openapi_schema as Record<string, unknown>] : [],
)

/** The JSON Schema keywords it uses anywhere, with the types of their values. */
function shapeOf(schema: unknown): string {
  const words = new Set<string>()
  JSON.stringify(schema, (key, value) => {
    if (
      /^(type|format|anyOf|allOf|oneOf|\$ref|items|enum|default|additionalProperties|nullable|const|pattern|deprecated|writeOnly|x-cog-.+|m(in|ax).+)$/.test(
        key,
      )
    )
      words.add(`${key} ${/^(type|format)$/.test(key) ? String(value) : typeof value}`)
    return value
  })
  return [...words].sort().join()
}

const ofEveryShape = [...new Map(published.map((schema) => [shapeOf(schema), schema])).values()]
const longest = published.toSorted((a, b) => JSON.stringify(b).length - JSON.stringify(a).length).slice(0, 20)

const actor = actorFor(await addUser({ username: "corpus" }), "web")
const pages: { path: string; inputs: string[] }[] = []
for (const [n, openapi_schema] of [...ofEveryShape, ...longest].entries()) {
  const model = await aModel(actor, { name: `model-${n}` })
  const { id } = await aVersion(actor, model, { openapi_schema })
  // The model's own page shows the same for its latest version, so a few are enough.
  for (const path of [...(n % 5 === 0 ? [`/corpus/model-${n}`] : []), `/corpus/model-${n}/versions/${id}`])
    pages.push({ path, inputs: readForm(JSON.stringify(openapi_schema)).inputs.map(({ name }) => name) })
}
console.log(JSON.stringify(pages))
await closeDatabase()
