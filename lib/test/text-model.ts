import type { Actor } from "@/lib/auth/actor"
import type { Model } from "@/lib/models/model"
import type { Version } from "@/lib/versions/version"
import { aModel, anAccount, aVersion } from "./factories"

/** The schema of a model that takes a text and a secret, and gives a text. */
export const textSchema = {
  openapi: "3.0.2",
  components: {
    schemas: {
      Input: {
        type: "object",
        properties: { text: { type: "string" }, key: { type: "string", format: "password", "x-cog-secret": true } },
      },
      Output: { type: "string" },
    },
  },
}

/** The owner of a public model with that schema, and somebody who has nothing to do with it. */
export async function aTextModel(): Promise<{ alice: Actor; bob: Actor; model: Model; version: Version }> {
  const [{ actor: alice }, { actor: bob }] = [await anAccount(), await anAccount()]
  const model = await aModel(alice)
  return { alice, bob, model, version: await aVersion(alice, model, { openapi_schema: textSchema }) }
}
