// Run beside a test's own server, on its data: creates a model that takes a picture, a large file and a list, and
// prints the cookie of its owner.
import { encode } from "next-auth/jwt"

import { closeDatabase } from "@/db"
import { authSecret } from "@/lib/auth/secret"
import { actorFor, addUser } from "@/lib/owners/owner"
import { openSession } from "@/lib/sessions/session"
import { aModel, aVersion } from "@/lib/test/factories"

const owner = await addUser({ username: "photographer" })
const actor = actorFor(owner, "web")
const model = await aModel(actor, { name: "takes-files" })
const file = (order: number) => ({ type: "string", format: "uri", "x-order": order })
await aVersion(actor, model, {
  openapi_schema: {
    openapi: "3.0.2",
    components: {
      schemas: {
        Input: {
          type: "object",
          properties: { image: file(0), weights: file(1), pages: { type: "array", items: file(0), "x-order": 2 } },
        },
        Output: { type: "string" },
      },
    },
  },
})
const secret = await openSession(owner, { address: null, user_agent: null })
console.log(JSON.stringify(await encode({ token: { secret }, secret: authSecret(), maxAge: 3600 })))
await closeDatabase()
