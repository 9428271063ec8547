import { randomBytes } from "node:crypto"

import { createModel, type Model } from "@/lib/models/model"
import type { CreateModelInput } from "@/lib/models/schema"
import type { Actor } from "@/lib/auth/actor"
import { actingAs, addUser, type Owner } from "@/lib/owners/owner"
import type { IssueTokenInput } from "@/lib/tokens/schema"
import type { PublishVersionInput } from "@/lib/versions/schema"
import { publishVersion, type Version } from "@/lib/versions/version"
import { issueToken } from "@/lib/tokens/token"

export const aName = (prefix = "name") => `${prefix}-${randomBytes(5).toString("hex")}`

/** An account, and the actor that stands for it. */
export async function anOwner(username = aName("owner")): Promise<{ owner: Owner; actor: Actor }> {
  const owner = await addUser({ username })
  return { owner, actor: actingAs(owner, "web") }
}

/** What a person would send to create a model, with whatever is not named chosen for them. */
export const modelInput = (actor: Actor, fields: Partial<CreateModelInput> = {}): CreateModelInput => ({
  owner: actor.username,
  name: aName("model"),
  visibility: "public",
  hardware: "cpu",
  ...fields,
})

export const aModel = (actor: Actor, fields?: Partial<CreateModelInput>): Promise<Model> => createModel(actor, modelInput(actor, fields))

/** The secret of a fresh API token, good for everything unless told otherwise. */
export const aToken = async (actor: Actor, fields: Partial<IssueTokenInput> = {}): Promise<string> =>
  (await issueToken(actor, { name: "test", ...fields })).secret

/** A version as a push would make it, with an id of its own unless one is given. */
export const aVersion = (actor: Actor, model: Model, fields: Partial<PublishVersionInput> = {}): Promise<Version> =>
  publishVersion(actor, model, {
    id: randomBytes(32).toString("hex"),
    cog_version: "0.16.2",
    openapi_schema: { openapi: "3.0.2", components: { schemas: { Input: { type: "object" }, Output: { type: "string" } } } },
    ...fields,
  })
