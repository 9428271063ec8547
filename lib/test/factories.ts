import { eq } from "drizzle-orm"
import { randomBytes } from "node:crypto"

import { write } from "@/db"
import { models, owners } from "@/db/schema"
import { createModel, getModel, type Model } from "@/lib/models/model"
import type { CreateModelInput } from "@/lib/models/schema"
import type { Actor } from "@/lib/auth/actor"
import { acceptInvitation, invite, listOwnInvitations } from "@/lib/organizations/invitation"
import { createOrganization, rolesOf } from "@/lib/organizations/organization"
import type { Role } from "@/lib/auth/actor"
import { actorFor, addUser, type Account } from "@/lib/owners/owner"
import type { IssueTokenInput } from "@/lib/tokens/schema"
import type { PublishVersionInput } from "@/lib/versions/schema"
import { publishVersion, type Version } from "@/lib/versions/version"
import { issueToken } from "@/lib/tokens/token"

export const aName = (prefix = "name") => `${prefix}-${randomBytes(5).toString("hex")}`

/** Creates an account, and an actor that acts as it. */
export async function anAccount(username = aName("owner")): Promise<{ owner: Account; actor: Actor }> {
  const owner = await addUser({ username })
  return { owner, actor: actorFor(owner, "web") }
}

/** Creates an administrator of the installation. */
export async function anAdministrator(): Promise<Actor> {
  const { owner, actor } = await anAccount(aName("admin"))
  await write((tx) => tx.update(owners).set({ is_admin: true }).where(eq(owners.id, owner.id)))
  return { ...actor, is_admin: true }
}

/** The actor with its current roles, as in its next request. */
export const renewed = async (actor: Actor): Promise<Actor> => ({ ...actor, roles: await rolesOf(actor.owner_id) })

/** Creates an organization and its first owner. */
export async function anOrganization(username = aName("org")): Promise<{ organization: Account; actor: Actor }> {
  const { actor } = await anAccount()
  const organization = await createOrganization(actor, { username })
  return { organization, actor: await renewed(actor) }
}

/** Creates a person who was invited by `by` and has accepted. */
export async function aMember(by: Actor, organization: Account, role: Role): Promise<Actor> {
  const { actor } = await anAccount()
  await invite(by, organization, { username: actor.username, role })
  const [invitation] = await listOwnInvitations(actor)
  await acceptInvitation(actor, invitation!.id)
  return renewed(actor)
}

/** The input for a model, with defaults for everything that is not given. */
export const modelInput = (actor: Actor, fields: Partial<CreateModelInput> = {}): CreateModelInput => ({
  owner: actor.username,
  name: aName("model"),
  visibility: "public",
  hardware: "cpu",
  ...fields,
})

export const aModel = (actor: Actor, fields?: Partial<CreateModelInput>): Promise<Model> =>
  createModel(actor, modelInput(actor, fields))

/** Creates a private model with a name that was once valid. */
export async function aModelNamedEarly(actor: Actor, name: string): Promise<Model> {
  const { id } = await aModel(actor, { visibility: "private" })
  await write((tx) => tx.update(models).set({ name, cached_json: null }).where(eq(models.id, id)))
  return getModel(actor, actor.username, name)
}

/** Creates an API token, by default with all scopes, and returns its secret. */
export const aToken = async (actor: Actor, fields: Partial<IssueTokenInput> = {}): Promise<string> =>
  (await issueToken(actor, { name: "test", ...fields })).secret

/** Creates a version as a push does, by default with a random ID. */
export const aVersion = (
  actor: Actor,
  model: Model,
  {
    openapi_schema = {
      openapi: "3.0.2",
      components: { schemas: { Input: { type: "object" }, Output: { type: "string" } } },
    },
    ...fields
  }: Omit<Partial<PublishVersionInput>, "openapi_schema"> & { openapi_schema?: object | string | null } = {},
): Promise<Version> =>
  publishVersion(actor, model, {
    id: randomBytes(32).toString("hex"),
    cog_version: "0.16.2",
    openapi_schema:
      typeof openapi_schema === "object" && openapi_schema ? JSON.stringify(openapi_schema) : openapi_schema,
    ...fields,
  })
