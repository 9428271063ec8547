import type { Actor } from "@/lib/auth/actor"
import type { Model } from "@/lib/models/model"
import type { Version } from "@/lib/versions/version"
import { aModel, anAccount, aVersion } from "./factories"

/** The schema of a model with a text and a secret as inputs, and a text as output. */
const textSchema = {
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

/** Creates a public model with that schema; returns its owner, and somebody without rights to it. */
export async function aTextModel(): Promise<{ alice: Actor; bob: Actor; model: Model; version: Version }> {
  const [{ actor: alice }, { actor: bob }] = [await anAccount(), await anAccount()]
  const model = await aModel(alice)
  return { alice, bob, model, version: await aVersion(alice, model, { openapi_schema: textSchema }) }
}
