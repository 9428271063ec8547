import { randomBytes } from "node:crypto"
import { Readable } from "node:stream"

import type { Actor } from "@/lib/auth/actor"
import type { Model } from "@/lib/models/model"
import type { Account } from "@/lib/owners/owner"

// Where the races of authority.ts take place, and what its verbs need there.

/** What is lost: membership, role, account, token or session. */
export type Way = "removal" | "demotion" | "disabling" | "revocation" | "session"

/** The right that a verb needs: a role in the organization, administrator rights, or only an account. */
export type Scope = "organization" | "installation" | "account"

/** The setting of a race: an organization, the person who loses the right, and others who keep it. */
export type Place = {
  lib: Lib
  boss: Actor
  owner: Actor
  organization: Account
  /** Acts with their own session, as an owner of the organization. */
  racer: Account
  session: string
  secret: string
  /** A token of the organization, and one of the racer's own. */
  tokens: { organization: Actor; account: Actor }
  bystander: { owner: Account; actor: Actor }
}

export type Verb = {
  name: string
  scope: Scope
  /** Also possible with a token. */
  byToken?: boolean
  /** The losses that apply, if others do not take this right away. */
  ways?: Way[]
  /** Prepares the round's data; returns the act. */
  begin(place: Place): Promise<(actor: Actor) => Promise<unknown>> | ((actor: Actor) => Promise<unknown>)
  /**
   * The verb ends the account: every round needs a new one, and the right may already be gone when it is to be removed.
   */
  once?: boolean
}

/** All modules of the product that are needed, loaded once the data folder is set. */
export const load = async () => ({
  ...(await import("@/db")),
  ...(await import("@/db/migrate")),
  ...(await import("@/lib/batches/batch")),
  ...(await import("@/lib/batches/create")),
  ...(await import("@/lib/batches/store")),
  schema: await import("@/db/schema"),
  // Some verbs have the same names as in the registry.
  resumable: await import("@/lib/files/resumable"),
  ...(await import("@/lib/clock")),
  ...(await import("@/lib/problem")),
  ...(await import("@/lib/accounts/administration")),
  ...(await import("@/lib/accounts/close")),
  ...(await import("@/lib/accounts/export")),
  ...(await import("@/lib/accounts/members")),
  ...(await import("@/lib/accounts/password")),
  ...(await import("@/lib/accounts/password-links")),
  ...(await import("@/lib/collections/collection")),
  ...(await import("@/lib/bundled/add")),
  ...(await import("@/lib/bundled/catalogue")),
  ...(await import("@/lib/deployments/deployment")),
  ...(await import("@/lib/deployments/run")),
  ...(await import("@/lib/files/file")),
  ...(await import("@/lib/hardware/catalogue")),
  ...(await import("@/lib/settings/setting")),
  ...(await import("@/lib/models/cover")),
  ...(await import("@/lib/models/egress")),
  ...(await import("@/lib/models/model")),
  ...(await import("@/lib/models/rename")),
  ...(await import("@/lib/organizations/invitation")),
  ...(await import("@/lib/organizations/organization")),
  ...(await import("@/lib/owners/owner")),
  ...(await import("@/lib/owners/profile")),
  ...(await import("@/lib/predictions/create")),
  ...(await import("@/lib/pools/pool")),
  ...(await import("@/lib/predictions/rerun")),
  ...(await import("@/lib/predictions/example")),
  ...(await import("@/lib/predictions/history")),
  ...(await import("@/lib/predictions/prediction")),
  ...(await import("@/lib/predictions/set-up")),
  ...(await import("@/lib/predictions/share")),
  ...(await import("@/lib/registry/create-on-push")),
  ...(await import("@/lib/registry/push-token")),
  ...(await import("@/lib/registry/registry")),
  ...(await import("@/lib/registry/upload")),
  ...(await import("@/lib/sessions/session")),
  ...(await import("@/lib/test/factories")),
  ...(await import("@/lib/test/registry")),
  ...(await import("@/lib/test/runs")),
  ...(await import("@/lib/tokens/token")),
  ...(await import("@/lib/trainings/training")),
  ...(await import("@/lib/transfers/transfer")),
  ...(await import("@/lib/two-factor/store")),
  ...(await import("@/lib/two-factor/two-factor")),
  ...(await import("@/lib/versions/alias")),
  ...(await import("@/lib/versions/version")),
  ...(await import("@/lib/webhooks/delivery")),
  ...(await import("@/lib/webhooks/secret")),
  ...(await import("@/lib/webhooks/sink")),
})
export type Lib = Awaited<ReturnType<typeof load>>

export const origin = "http://127.0.0.1"
export const digits = () => randomBytes(5).toString("hex")

/** A model of the organization, and the act on it. */
export const onModel =
  (act: (place: Place, model: Model, actor: Actor) => Promise<unknown>, fields: Partial<Model> = {}): Verb["begin"] =>
  async (place) => {
    const { lib, owner, organization } = place
    const { visibility = "private" } = fields
    const model = await lib.aModel(owner, { owner: organization.username, visibility })
    return (actor) => act(place, model, actor)
  }

/** A private model of the organization with a version that has a pushed image. */
export async function pushed({ lib, owner, organization }: Place) {
  const model = await lib.aModel(owner, { owner: organization.username, visibility: "private" })
  const image = lib.anImage()
  const caller = { actor: owner, origin }
  for (const content of [image.layer, Buffer.from(image.config)]) {
    const id = await lib.startUpload(caller, model.owner, model.name)
    await lib.appendToUpload(caller, model.owner, model.name, id, { source: Readable.from([Buffer.from(content)]) })
    await lib.finishUpload(caller, model.owner, model.name, id, lib.sha256(content))
  }
  const put = (actor: Actor, tag: string) =>
    lib.putManifest({ actor, origin }, model.owner, model.name, tag, Buffer.from(image.manifest), image.type)
  return { model, image, put }
}

export async function uploading({ lib, owner, organization }: Place, content: Buffer) {
  const model = await lib.aModel(owner, { owner: organization.username, visibility: "private" })
  const caller = { actor: owner, origin }
  const id = await lib.startUpload(caller, model.owner, model.name)
  await lib.appendToUpload(caller, model.owner, model.name, id, { source: Readable.from([Buffer.from(content)]) })
  return { model, id, digest: lib.sha256(content) }
}

export async function offered(
  { lib, bystander, organization }: Place,
  offerer = bystander.actor,
  to = organization.username,
) {
  const { owner, name } = await lib.aModel(offerer)
  await lib.offerTransfer(offerer, owner, name, { to })
  return { owner, name }
}

/** Input for a deployment of the organization. Earlier ones are removed, because their number is limited. */
export async function deployable({ lib, owner, organization }: Place) {
  lib.databaseHandle().sqlite!.exec(`delete from deployments where owner_id = ${organization.id}`)
  const model = await lib.aModel(owner, { owner: organization.username })
  const { id: version } = await lib.aVersion(owner, model)
  const named = { name: `d${digits()}`, model: `${model.owner}/${model.name}`, version }
  return { ...named, hardware: "cpu", min_instances: 0, max_instances: 1 }
}

export const picture = () =>
  Buffer.from(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
    "base64",
  )
