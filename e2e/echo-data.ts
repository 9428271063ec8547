// Run beside a server, on its data: creates a user's model that behaves like understudy/echo, and prints its name and
// version, and an API token of the user.
import { closeDatabase } from "@/db"
import { catalogue, findBundle } from "@/lib/bundled/catalogue"
import { contract } from "@/lib/bundled/server/contract.mjs"
import { actorFor, getAccount } from "@/lib/owners/owner"
import { aModel, aToken } from "@/lib/test/factories"
import { publishBundledVersion } from "@/lib/versions/version"

const [username, name, visibility] = process.argv.slice(2) as [string, string, "public" | "private"]
const { id, openapi_schema } = findBundle(catalogue.find((model) => model.name === "echo")!)!
const actor = actorFor(await getAccount(username), "web")
const model = await aModel(actor, { name, visibility, hardware: "cpu-small" })
await publishBundledVersion(
  actor,
  model,
  { id, openapi_schema: JSON.stringify(openapi_schema), cog_version: contract },
  "echo",
)
console.log(JSON.stringify({ name: `${username}/${name}`, version: id, token: await aToken(actor, { name: "ci" }) }))
await closeDatabase()
