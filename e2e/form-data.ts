// Run beside a test's own server, on its data: creates a model with kinds of inputs that bundled models do not have,
// and prints the cookie of its owner.
import { encode } from "next-auth/jwt"

import { closeDatabase } from "@/db"
import { authSecret } from "@/lib/auth/secret"
import { actorFor, addUser } from "@/lib/owners/owner"
import { openSession } from "@/lib/sessions/session"
import { aModel, aVersion } from "@/lib/test/factories"

const owner = await addUser({ username: "designer", password: "correct horse battery" })
const actor = actorFor(owner, "web")
const model = await aModel(actor, { name: "forms", visibility: "public" })
const text = { type: "string" }
const properties: Record<string, object> = {
  texts: {
    anyOf: [text, { type: "array", items: text }, { type: "integer", minimum: 0, maximum: 10 }],
    description: "One text or several",
  },
  code: { type: "string", pattern: "^[a-z]{3}-\\d+$" },
  // Takes longer to match than anybody waits.
  slow: { type: "string", pattern: "^(a+)+$" },
  seed: { type: "integer", minimum: 0 },
  strength: { type: "number", default: 0.75 },
  share: { type: "integer", minimum: 0, maximum: 10, default: 5 },
  picture: { type: "string", format: "uri" },
  password: { type: "string", format: "password", "x-cog-secret": true },
  prompt: text,
}
await aVersion(actor, model, {
  openapi_schema: {
    openapi: "3.0.2",
    components: {
      schemas: {
        Input: {
          type: "object",
          properties: Object.fromEntries(
            Object.entries(properties).map(([name, schema], order) => [name, { ...schema, "x-order": order }]),
          ),
        },
        Output: {
          type: "object",
          properties: {
            image: { type: "string", format: "uri", description: "The picture" },
            score: { type: "number", minimum: 0, maximum: 1 },
          },
        },
      },
    },
  },
})
const secret = await openSession(owner, { address: null, user_agent: null })
console.log(await encode({ token: { secret }, secret: authSecret(), maxAge: 3600 }))
await closeDatabase()
