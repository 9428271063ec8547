import { randomBytes, randomInt } from "node:crypto"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { Readable } from "node:stream"
import { getTableName, is, Table } from "drizzle-orm"
import { Secret, TOTP } from "otpauth"

import type { Actor, Role } from "@/lib/auth/actor"
import type { Account } from "@/lib/owners/owner"
import { answerProbe } from "@/server/probes.mjs"
import { aFolder } from "./installation"
import {
  deployable,
  digits,
  load,
  offered,
  onModel,
  origin,
  picture,
  pushed,
  uploading,
  type Lib,
  type Place,
  type Scope,
  type Verb,
  type Way,
} from "./place"
import { remainingVerbs } from "./remaining-verbs"
import { found, type Trial } from "./trial"
import { slowestTurn, watchHealth } from "./watch-health"

// Every verb that changes something races against the loss of the right to do it.
//
// A SURVIVOR is a change in the database that was committed after the right was lost: a row inserted, changed or
// deleted by a transaction that follows the one that removed or demoted the member, disabled the account, revoked the
// token or ended the session. This is stricter than what a person can observe, because the response to the removal is
// sent after its commit: anything written after the response was also written after the commit. Triggers number every
// change of every table in transaction order, and mark those that take a right away. Changes that grant nothing are not
// counted: last-used times of tokens and sessions, rate limit counters, idempotency keys, and the bytes and rows that a
// rejected upload leaves for the cleanup.

const byModel: Verb[] = [
  {
    name: "createModel",
    scope: "organization",
    byToken: true,
    begin:
      ({ lib, organization }) =>
      (actor) =>
        lib.createModel(actor, {
          owner: organization.username,
          name: `m${digits()}`,
          visibility: "private",
          hardware: "cpu",
        }),
  },
  {
    name: "updateModel",
    scope: "organization",
    byToken: true,
    begin: onModel(({ lib }, { owner, name }, actor) => lib.updateModel(actor, owner, name, { description: "raced" })),
  },
  {
    name: "updateModel to public",
    scope: "organization",
    byToken: true,
    begin: onModel(({ lib }, { owner, name }, actor) => lib.updateModel(actor, owner, name, { visibility: "public" })),
  },
  {
    name: "renameModel",
    scope: "organization",
    byToken: true,
    begin: onModel(({ lib }, { owner, name }, actor) => lib.renameModel(actor, owner, name, { name: `r${digits()}` })),
  },
  {
    name: "deleteModel",
    scope: "organization",
    byToken: true,
    begin: onModel(({ lib }, { owner, name }, actor) => lib.deleteModel(actor, owner, name)),
  },
  {
    name: "setCover",
    scope: "organization",
    begin: onModel(({ lib }, { owner, name }, actor) => lib.setCover(actor, owner, name, picture())),
  },
  {
    name: "publishVersion",
    scope: "organization",
    byToken: true,
    begin: onModel(({ lib }, model, actor) => lib.aVersion(actor, model)),
  },
  {
    name: "deleteVersion",
    scope: "organization",
    byToken: true,
    begin: async (place) => {
      const model = await place.lib.aModel(place.owner, {
        owner: place.organization.username,
        visibility: "private",
      })
      const { id } = await place.lib.aVersion(place.owner, model)
      return (actor) => place.lib.deleteVersion(actor, model.owner, model.name, id)
    },
  },
  {
    name: "setAlias",
    scope: "organization",
    byToken: true,
    begin: async (place) => {
      const { model, image, put } = await pushed(place)
      await put(place.owner, "first")
      const version = image.digest.slice("sha256:".length)
      return (actor) => place.lib.setAlias(actor, model.owner, model.name, "stable", { version })
    },
  },
  {
    name: "removeAlias",
    scope: "organization",
    byToken: true,
    begin: async (place) => {
      const { model, put } = await pushed(place)
      await put(place.owner, "first")
      return (actor) => place.lib.removeAlias(actor, model.owner, model.name, "first")
    },
  },
  {
    name: "offerTransfer",
    scope: "organization",
    byToken: true,
    begin: onModel(({ lib, bystander }, { owner, name }, actor) =>
      lib.offerTransfer(actor, owner, name, { to: bystander.owner.username }),
    ),
  },
  {
    name: "withdrawTransfer",
    scope: "organization",
    byToken: true,
    begin: async ({ lib, owner, organization, bystander }) => {
      const { name } = await lib.aModel(owner, { owner: organization.username })
      await lib.offerTransfer(owner, organization.username, name, { to: bystander.owner.username })
      return (actor) => lib.withdrawTransfer(actor, organization.username, name)
    },
  },
  {
    name: "acceptTransfer",
    scope: "organization",
    byToken: true,
    begin: async (place) => {
      const { name } = await offered(place)
      const { id } = (await place.lib.listTransfersTo(place.owner))[0]!
      return (actor) => place.lib.acceptTransfer(actor, id, { name })
    },
  },
  {
    name: "declineTransfer",
    scope: "organization",
    byToken: true,
    begin: async (place) => {
      await offered(place)
      const { id } = (await place.lib.listTransfersTo(place.owner))[0]!
      return (actor) => place.lib.declineTransfer(actor, id)
    },
  },
]

const byPush: Verb[] = [
  {
    name: "push: startUpload",
    scope: "organization",
    byToken: true,
    begin: onModel(({ lib }, { owner, name }, actor) => lib.startUpload({ actor, origin }, owner, name)),
  },
  {
    name: "push: finishUpload",
    scope: "organization",
    byToken: true,
    begin: async (place) => {
      const { model, id, digest } = await uploading(place, randomBytes(100))
      return (actor) => place.lib.finishUpload({ actor, origin }, model.owner, model.name, id, digest)
    },
  },
  {
    name: "push: cancelUpload",
    scope: "organization",
    byToken: true,
    begin: async (place) => {
      const { model, id } = await uploading(place, randomBytes(100))
      return (actor) => place.lib.cancelUpload({ actor, origin }, model.owner, model.name, id)
    },
  },
  {
    name: "push: mountBlob",
    scope: "organization",
    byToken: true,
    begin: async (place) => {
      const { model, image } = await pushed(place)
      const other = await place.lib.aModel(place.owner, { owner: place.organization.username })
      const from = `${model.owner}/${model.name}`
      return (actor) =>
        place.lib.mountBlob({ actor, origin }, other.owner, other.name, {
          digest: place.lib.sha256(image.layer),
          from,
        })
    },
  },
  {
    name: "push: putManifest",
    scope: "organization",
    byToken: true,
    begin: async (place) => {
      const { put } = await pushed(place)
      return (actor) => put(actor, "latest")
    },
  },
  {
    name: "push: putManifest by digest",
    scope: "organization",
    byToken: true,
    begin: async (place) => {
      const { put, image } = await pushed(place)
      return (actor) => put(actor, image.digest)
    },
  },
  {
    name: "push: deleteManifest",
    scope: "organization",
    byToken: true,
    begin: async (place) => {
      const { put, image, model } = await pushed(place)
      await put(place.owner, image.digest)
      return (actor) => place.lib.deleteManifest({ actor, origin }, model.owner, model.name, image.digest)
    },
  },
  {
    name: "push: delete a tag",
    scope: "organization",
    byToken: true,
    begin: async (place) => {
      const { put, model } = await pushed(place)
      await put(place.owner, "first")
      return (actor) => place.lib.deleteManifest({ actor, origin }, model.owner, model.name, "first")
    },
  },
  {
    name: "push: deleteBlob",
    scope: "organization",
    byToken: true,
    begin: async (place) => {
      const { model, image } = await pushed(place)
      const digest = place.lib.sha256(image.layer)
      return (actor) => place.lib.deleteBlob({ actor, origin }, model.owner, model.name, digest)
    },
  },
]

const byOrganization: Verb[] = [
  {
    name: "issueToken",
    scope: "organization",
    byToken: true,
    begin:
      ({ lib, organization }) =>
      (actor) =>
        lib.issueToken(actor, { name: "raced" }, organization),
  },
  {
    name: "revokeToken",
    scope: "organization",
    byToken: true,
    begin: async ({ lib, owner, organization }) => {
      const { token } = await lib.issueToken(owner, { name: "other" }, organization)
      return (actor) => lib.revokeToken(actor, token.id, organization)
    },
  },
  {
    name: "issuePushToken",
    scope: "organization",
    byToken: true,
    begin: onModel(({ lib }, { owner, name }, actor) => lib.issuePushToken(actor, owner, name)),
  },
  {
    name: "rotateWebhookSecret",
    scope: "organization",
    byToken: true,
    begin: async ({ lib, organization }) => {
      await lib.getWebhookSecret({ owner_id: organization.id })
      return (actor) => lib.rotateWebhookSecret(actor, organization)
    },
  },
  {
    name: "setCreateOnPush",
    scope: "organization",
    byToken: true,
    begin:
      ({ lib, organization }) =>
      (actor) =>
        lib.setCreateOnPush(actor, organization, "cpu"),
  },
  {
    name: "updateProfile",
    scope: "organization",
    byToken: true,
    begin:
      ({ lib, organization }) =>
      (actor) =>
        lib.updateProfile(actor, organization, { name: "Raced", description: digits() }),
  },
  {
    name: "invite",
    scope: "organization",
    begin: async ({ lib, organization }) => {
      const { owner } = await lib.anAccount()
      return (actor) => lib.invite(actor, organization, { username: owner.username, role: "admin" })
    },
  },
  {
    name: "inviteByLink",
    scope: "organization",
    begin:
      ({ lib, organization }) =>
      (actor) =>
        lib.inviteByLink(actor, organization, { role: "owner" }),
  },
  {
    name: "revokeInvitation",
    scope: "organization",
    begin: async ({ lib, owner, organization }) => {
      await lib.inviteByLink(owner, organization, { role: "viewer" })
      const id = (await lib.listInvitations(owner, organization)).at(-1)!.id
      return (actor) => lib.revokeInvitation(actor, organization, id)
    },
  },
  {
    name: "changeRole",
    scope: "organization",
    begin: async ({ lib, owner, organization }) => {
      const { username } = await lib.aMember(owner, organization, "viewer")
      return (actor) => lib.changeRole(actor, organization, username, "owner")
    },
  },
  {
    name: "removeMember",
    scope: "organization",
    begin: async ({ lib, owner, organization }) => {
      const { username } = await lib.aMember(owner, organization, "viewer")
      return (actor) => lib.removeMember(actor, organization, username)
    },
  },
  {
    name: "createPrediction",
    scope: "organization",
    byToken: true,
    begin: async ({ lib, owner, organization }) => {
      const model = await lib.aModel(owner, { owner: organization.username, visibility: "private" })
      await lib.aVersion(owner, model)
      return (actor) =>
        lib.createPrediction(
          actor,
          { owner: model.owner, name: model.name },
          { input: {} },
          { origin: "", account: organization },
        )
    },
  },
  {
    name: "addExample",
    scope: "organization",
    byToken: true,
    begin: async ({ lib, owner, organization }) => {
      const model = await lib.aModel(owner, { owner: organization.username })
      const run = { owner_id: organization.id, model_id: model.id, status: "succeeded" } as const
      const { id } = await lib.aRun(owner, run)
      return (actor) => lib.addExample(actor, model.owner, model.name, id)
    },
  },
  {
    name: "sharePrediction",
    scope: "organization",
    byToken: true,
    begin: async ({ lib, owner, organization }) => {
      const { id } = await lib.aRun(owner, { owner_id: organization.id, status: "succeeded" })
      return (actor) => lib.sharePrediction(actor, id, { hides_input: false, days: 1 })
    },
  },
  {
    name: "createDeployment",
    scope: "organization",
    byToken: true,
    begin: async (place) => {
      const deployment = await deployable(place)
      return (actor) => place.lib.createDeployment(actor, deployment, place.organization)
    },
  },
  ...(["updateDeployment", "deleteDeployment"] as const).map((name): Verb => ({
    name,
    scope: "organization",
    byToken: true,
    begin: async (place) => {
      const { lib, owner, organization } = place
      const made = await lib.createDeployment(owner, await deployable(place), organization)
      return (actor) =>
        name === "updateDeployment"
          ? lib.updateDeployment(actor, made.owner, made.name, { max_instances: 2 })
          : lib.deleteDeployment(actor, made.owner, made.name)
    },
  })),
  {
    name: "enableTwoFactor",
    scope: "account",
    begin: async ({ lib, racer, session }) => {
      await lib.write((tx) => lib.forgetFactor(tx, racer.id))
      const { setupToken, secret } = await lib.beginTwoFactorSetup(lib.actorFor(racer, "web"), "", "torture")
      const code = new TOTP({ secret: Secret.fromBase32(secret) }).generate()
      return (actor) => lib.enableTwoFactor(actor, { setupToken, code }, session)
    },
  },
  {
    name: "deleteAccount of an organization",
    scope: "account",
    begin: async ({ lib, racer }) => {
      const maker = lib.actorFor(racer, "web")
      const organization = await lib.createOrganization(maker, { username: `o${digits()}` })
      const roles = new Map([[organization.id, "owner" as const]])
      const proof = { confirmation: organization.username, password: "" }
      return (actor) => lib.deleteAccount({ ...actor, roles }, organization, proof)
    },
  },
  ...(["cancelPrediction", "deletePrediction", "keepPrediction"] as const).map((name): Verb => ({
    name,
    scope: "organization",
    byToken: true,
    begin: async ({ lib, owner, organization }) => {
      const { id } = await lib.aRun(owner, { owner_id: organization.id })
      return (actor) => lib[name](actor, id)
    },
  })),
]

const byAccount: Verb[] = [
  {
    name: "createOrganization",
    scope: "account",
    begin:
      ({ lib }) =>
      (actor) =>
        lib.createOrganization(actor, { username: `o${digits()}` }),
  },
  {
    name: "updateProfile of oneself",
    scope: "account",
    byToken: true,
    begin:
      ({ lib, racer }) =>
      (actor) =>
        lib.updateProfile(actor, racer, { name: "Raced", description: digits() }),
  },
  {
    name: "updateEmail",
    scope: "account",
    begin:
      ({ lib }) =>
      (actor) =>
        lib.updateEmail(actor, { email: `${digits()}@example.com`, password: "" }),
  },
  {
    name: "uploadFile",
    scope: "account",
    byToken: true,
    begin:
      ({ lib }) =>
      (actor) =>
        lib.uploadFile(actor, Readable.from([Buffer.from("raced")]), async () => ({
          filename: "a",
          type: "text/plain",
          metadata: {},
        })),
  },
  {
    name: "acceptInvitation",
    scope: "account",
    begin: async ({ lib, racer }) => {
      const { organization, actor: inviter } = await lib.anOrganization()
      await lib.invite(inviter, organization, { username: racer.username, role: "admin" })
      const id = (await lib.listInvitations(inviter, organization)).at(-1)!.id
      return (actor) => lib.acceptInvitation(actor, id)
    },
  },
  {
    name: "declineInvitation",
    scope: "account",
    begin: async ({ lib, racer }) => {
      const { organization, actor: inviter } = await lib.anOrganization()
      await lib.invite(inviter, organization, { username: racer.username, role: "admin" })
      const id = (await lib.listInvitations(inviter, organization)).at(-1)!.id
      return (actor) => lib.declineInvitation(actor, id)
    },
  },
  {
    name: "leaveOrganization",
    scope: "account",
    begin:
      ({ lib, organization }) =>
      (actor) =>
        lib.leaveOrganization(actor, organization),
  },
  {
    name: "endOtherSessions",
    scope: "account",
    begin: async ({ lib, racer }) => {
      await lib.openSession(racer, { address: null, user_agent: null })
      return (actor) => lib.endOtherSessions(actor, null, "")
    },
    ways: ["disabling"],
  },
  {
    name: "endSessionOf",
    scope: "account",
    begin: async ({ lib, racer }) => {
      const other = lib.idOf(await lib.openSession(racer, { address: null, user_agent: null }))
      return (actor) => lib.endSessionOf(actor, other.slice(0, 16), "")
    },
  },
  {
    name: "openSession",
    scope: "account",
    ways: ["disabling"],
    begin:
      ({ lib, racer }) =>
      () =>
        lib.openSession(racer, { address: null, user_agent: null }),
  },
  {
    name: "exportAccount",
    scope: "account",
    begin:
      ({ lib }) =>
      (actor) =>
        lib.exportAccount(actor, origin),
  },
  {
    name: "changePassword",
    scope: "account",
    begin:
      ({ lib, session }) =>
      (actor) =>
        lib.changePassword(actor, { current: "", password: `correct horse ${digits()}` }, session),
  },
]

const byInstance: Verb[] = [
  {
    name: "createCollection",
    scope: "installation",
    begin:
      ({ lib }) =>
      (actor) =>
        lib.createCollection(actor, { slug: `c${digits()}`, name: "Raced", description: "" }),
  },
  ...(["update", "delete", "addTo", "removeFrom", "moveIn"] as const).map((what): Verb => ({
    name: `${what}Collection`,
    scope: "installation",
    begin: async ({ lib, boss }) => {
      const { slug } = await lib.createCollection(boss, { slug: `c${digits()}`, name: "Raced", description: "" })
      const [one, two] = [await lib.aModel(boss), await lib.aModel(boss)]
      await lib.addToCollection(boss, slug, one.owner, one.name)
      if (what !== "addTo") await lib.addToCollection(boss, slug, two.owner, two.name)
      return (actor) =>
        what === "update"
          ? lib.updateCollection(actor, slug, { name: "Changed" })
          : what === "delete"
            ? lib.deleteCollection(actor, slug)
            : what === "addTo"
              ? lib.addToCollection(actor, slug, two.owner, two.name)
              : what === "removeFrom"
                ? lib.removeFromCollection(actor, slug, two.owner, two.name)
                : lib.moveInCollection(actor, slug, two.owner, two.name, "first")
    },
  })),
  {
    name: "changeSettings",
    scope: "installation",
    begin:
      ({ lib }) =>
      (actor) =>
        lib.changeSettings(actor, { API_DATA_HOURS: String(randomInt(2, 1e9)) }),
  },
  {
    name: "addHardware",
    scope: "installation",
    begin:
      ({ lib }) =>
      (actor) =>
        lib.addHardware(actor, {
          sku: `h${digits()}`,
          name: `Raced ${digits()}`,
          usd_per_second: "0.1",
          open: true,
          gpus: "1",
          cpus: "1",
          gpu_ram_gb: "1",
          ram_gb: "1",
        }),
  },
  {
    name: "updateHardware",
    scope: "installation",
    begin:
      ({ lib }) =>
      (actor) =>
        lib.updateHardware(actor, "cpu", { usd_per_second: `0.${randomInt(1, 1e6)}`, open: true }),
  },
  {
    name: "decideEgress",
    scope: "installation",
    begin: async ({ lib, boss }) => {
      const { id, owner, name } = await lib.aModel(boss)
      await lib.updateModel(boss, owner, name, { egress: "internet" })
      return (actor) => lib.decideEgress(actor, id, "allow")
    },
  },
  ...(["disableAccount", "enableAccount", "issuePasswordLink"] as const).map((name): Verb => ({
    name,
    scope: "installation",
    begin: async ({ lib, boss }) => {
      const { owner } = await lib.anAccount()
      if (name === "enableAccount") await lib.disableAccount(boss, owner.username)
      return (actor) => lib[name](actor, owner.username)
    },
  })),
  {
    name: "changeAdministrator",
    scope: "installation",
    begin: async ({ lib }) => {
      const { owner } = await lib.anAccount()
      return (actor) => lib.changeAdministrator(actor, owner.username, true)
    },
  },
]

/** Verbs of others that rely on the person who loses the right, who made the invitation or the offer. */
const byMaker: Verb[] = [
  {
    name: "acceptLink of a maker",
    scope: "organization",
    ways: ["removal", "demotion", "disabling"],
    begin: async ({ lib, racer, organization }) => {
      const maker = await lib.renewed(lib.actorFor(racer, "web"))
      const secret = await lib.inviteByLink(maker, organization, { role: "admin" })
      const { actor: guest } = await lib.anAccount()
      return () => lib.acceptLink(guest, secret)
    },
  },
  {
    name: "acceptTransfer of a maker",
    scope: "organization",
    ways: ["removal", "demotion", "disabling"],
    begin: async ({ lib, racer, organization, bystander }) => {
      const maker = await lib.renewed(lib.actorFor(racer, "web"))
      const { name } = await lib.aModel(maker, { owner: organization.username })
      await lib.offerTransfer(maker, organization.username, name, { to: bystander.owner.username })
      const { id } = (await lib.listTransfersTo(bystander.actor))[0]!
      return () => lib.acceptTransfer(bystander.actor, id, { name: `t${digits()}` })
    },
  },
]

const verbs = [...byModel, ...byPush, ...byOrganization, ...byAccount, ...byInstance, ...byMaker]

const waysOf = ({ scope, byToken, ways }: Verb): Way[] =>
  ways ??
  ({
    organization: ["removal", "demotion", "disabling", "session"],
    installation: ["demotion", "disabling", "session"],
    account: ["disabling", "session"],
  }[scope].concat(byToken ? ["revocation"] : []) as Way[])

/** Changes that do not involve a right; of tokens and sessions, everything except creation and end. */
const bookkeeping = new Set(["rate_limits", "idempotency_keys", "jobs", "tokens", "sessions"])

/** What a refusal may still change: it removes what it had received, and a code that was shown is used up. */
const leftovers = new Set(["delete uploads", "delete files", "update second_factors"])

/** Numbers every change of every table, in transaction order. */
function numberChanges({ databaseHandle, schema }: Lib) {
  const { sqlite } = databaseHandle()
  const tables = Object.values(schema as Record<string, unknown>).flatMap((one) =>
    is(one, Table) ? [getTableName(one)] : [],
  )
  const log = (what: string) => `insert into changes (what) values (${what});`
  const on = (name: string, event: string, when: string, what: string) =>
    sqlite!.exec(`create trigger "changes_${name}" after ${event} when ${when} begin ${log(what)} end`)
  sqlite!.exec("create table changes (seq integer primary key autoincrement, what text not null)")
  for (const table of tables.filter((one) => one !== "events"))
    for (const event of ["insert", "delete", "update"])
      if (event !== "update" || !bookkeeping.has(table))
        if (!bookkeeping.has(table) || table === "tokens" || table === "sessions")
          on(`${table}_${event}`, `${event} on ${table}`, "1", `'${event} ${table}'`)
  for (const table of ["tokens", "sessions"])
    on(`${table}_end`, `update on ${table}`, "old.revoked_at is not new.revoked_at", `'end ${table} ' || new.id`)
  on("events", "insert on events", "1", "'event ' || new.action || ' ' || coalesce(new.actor_id, 0)")
}

/** The last change that takes the right away. */
const lastOf = (way: Way, scope: Scope, { boss, owner, racer, session }: Place): string =>
  ({
    removal: `event member.removed ${owner.owner_id}`,
    demotion:
      scope === "installation" ? `event account.updated ${boss.owner_id}` : `event member.changed ${owner.owner_id}`,
    disabling: `event account.disabled ${boss.owner_id}`,
    revocation: `event token.revoked ${scope === "account" ? racer.id : owner.owner_id}`,
    session: `end sessions ${session}`,
  })[way]

function take(way: Way, scope: Scope, { lib, boss, owner, organization, racer, tokens, secret }: Place) {
  switch (way) {
    case "removal":
      return lib.removeMember(owner, organization, racer.username)
    case "demotion":
      return scope === "installation"
        ? lib.changeAdministrator(boss, racer.username, false)
        : lib.changeRole(owner, organization, racer.username, "viewer")
    case "disabling":
      return lib.disableAccount(boss, racer.username)
    case "revocation":
      return scope === "account"
        ? lib.revokeToken({ ...owner, owner_id: racer.id, username: racer.username }, tokens.account.token_id!)
        : lib.revokeToken(owner, tokens.organization.token_id!, organization)
    case "session":
      return lib.endSession(secret)
  }
}

/** Waits some turns of the event loop, so that the two meet at a different point in each round. */
const turns = async (most: number) => {
  for (let n = Math.floor(Math.random() * (most + 1)); n > 0; n--) await new Promise((resume) => setImmediate(resume))
}

type Tally = { rounds: number; before: number; refused: number; survivors: string[]; broken: string[] }

async function race(place: Place, verb: Verb, way: Way, tally: Tally): Promise<void> {
  const { lib, racer, session, organization } = place
  restore(place, verb.scope)
  await turns(0)
  await new Promise((resume) => setImmediate(resume))
  const role: Role = "owner"
  const actor: Actor =
    way === "revocation"
      ? { ...(verb.scope === "account" ? place.tokens.account : place.tokens.organization) }
      : {
          ...lib.actorFor({ ...racer, is_admin: verb.scope === "installation" }, "web"),
          session_id: session,
          roles: new Map([[organization.id, role]]),
        }
  const act = await verb.begin(place)
  const { sqlite } = lib.databaseHandle()
  sqlite!.exec("delete from changes")

  const [outcome, taken] = await Promise.allSettled([
    turns(4).then(() => act(actor)),
    turns(6).then(() => take(way, verb.scope, place)),
  ])
  const changes = sqlite!.prepare("select what from changes order by seq").pluck().all() as string[]
  const last = changes.lastIndexOf(lastOf(way, verb.scope, place))
  tally.rounds++
  if (verb.once && outcome.status === "fulfilled" && last < 0) return void tally.before++
  if (taken.status === "rejected" || last < 0) {
    // The verb may have removed the right to remove, or what there was to remove.
    tally.broken.push(`${verb.name} × ${way}: ${taken.status === "rejected" ? String(taken.reason) : "not taken"}`)
    return
  }
  const isRefused = outcome.status === "rejected"
  if (
    isRefused &&
    !["unauthenticated", "forbidden", "missing"].includes((outcome.reason as { kind?: string }).kind ?? "")
  )
    tally.broken.push(`${verb.name} × ${way}: ${String((outcome.reason as Error).stack ?? outcome.reason)}`)
  if (isRefused) tally.refused++
  else tally.before++
  const after = changes.slice(last + 1).filter((what) => !(isRefused && leftovers.has(what)))
  if (after.length > 0) tally.survivors.push(`${verb.name} × ${way}: ${[...new Set(after)].join(", ")}`)
}

/** Restores what the racer lost in the last round. */
function restore({ lib, racer, session, organization, tokens }: Place, scope: Scope) {
  const { sqlite } = lib.databaseHandle()
  sqlite!.exec(`
    insert into members (organization_id, user_id, role, joined_at)
      values (${organization.id}, ${racer.id}, 'owner', '2026-01-01T00:00:00.000000Z')
      on conflict do update set role = 'owner';
    update owners set disabled_at = null, password_hash = null, is_admin = ${scope === "installation" ? 1 : 0} where id = ${racer.id};
    update sessions set revoked_at = null where id = '${session}';
    update sessions set revoked_at = '2026-01-01T00:00:00.000000Z' where id <> '${session}' and owner_id = ${racer.id};
    update tokens set revoked_at = null where id in (${tokens.organization.token_id}, ${tokens.account.token_id});
    update transfers set ended_at = '2026-01-01T00:00:00.000000Z', outcome = 'withdrawn' where ended_at is null;
    delete from rate_limits;
    delete from uploads;
  `)
}

async function aPlace(lib: Lib, boss: Actor): Promise<Place> {
  const { organization, actor: owner } = await lib.anOrganization()
  const { owner: racer, actor } = await lib.anAccount()
  const secret = await lib.openSession(racer, { address: null, user_agent: null })
  const tokenOf = async (account: Account, by: Actor) =>
    (await lib.authenticateToken((await lib.issueToken(by, { name: "racer" }, account)).secret, "api"))!
  const tokens = { organization: await tokenOf(organization, owner), account: await tokenOf(racer, actor) }
  const bystander = await lib.anAccount()
  return { lib, boss, owner, organization, racer, secret, session: lib.idOf(secret), tokens, bystander }
}

/** The races run in this process, which answers /healthz meanwhile as the server does. */
async function serveProbes() {
  const handlers = { ready: async () => null, files: () => null, waiting: () => 0, metrics: async () => [] }
  const server = createServer(
    (request, response) => void answerProbe(request.url!, request, response, { handlers, leaving: false }),
  )
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening))
  const close = () => {
    server.closeAllConnections()
    server.close()
  }
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close }
}

const racesOf = (name: string, verbs: Verb[]): Trial => ({
  name,
  alone: true,
  async run({ races }) {
    const { env } = await import("@/env")
    env.DATA_DIR = aFolder()
    env.MODELS_PER_ACCOUNT = 1_000_000_000
    env.PREDICTIONS_PER_ACCOUNT = env.PREDICTIONS_PER_TOKEN = 1_000_000_000
    const lib = await load()
    await lib.migrateDatabase()
    lib.databaseHandle().sqlite!.pragma("synchronous = OFF")
    const { actor, owner } = await lib.anAccount()
    const boss = { ...actor, is_admin: owner.is_admin }
    numberChanges(lib)
    const probes = await serveProbes()
    const health = watchHealth(probes.url, process.pid)
    const tally: Tally = { rounds: 0, before: 0, refused: 0, survivors: [], broken: [] }
    let pairs = 0
    try {
      for (const verb of verbs)
        for (const way of waysOf(verb)) {
          let place = await aPlace(lib, boss)
          pairs++
          for (let round = 0; round < races; round++) {
            if (verb.once && round > 0) place = await aPlace(lib, boss)
            await race(place, verb, way, tally)
          }
        }
    } finally {
      await health.stop()
      probes.close()
      await lib.closeDatabase()
    }
    const some = (list: string[]) => [...new Set(list)].slice(0, 20).join("\n  ")
    return found(
      `${verbs.length} verbs, ${pairs} pairs of verb and loss, ${races} rounds each: ${tally.rounds} races, ${tally.before} written before, ${tally.refused} refused, ${tally.survivors.length} survivors; ${health.figure()}${tally.survivors.length > 0 ? `\n  ${some(tally.survivors)}` : ""}${tally.broken.length > 0 ? `\n  ${tally.broken.length} broken: ${some(tally.broken)}` : ""}`,
      {
        "a change survived": tally.survivors.length > 0,
        "a race was none": tally.broken.length > 0,
        "the loop was blocked": Math.max(health.slowestTurnMs, health.slowestQuietMs) > slowestTurn,
        "/healthz was not asked, or failed": health.asked === 0 || health.failed > 0,
        "nobody was refused": tally.refused === 0,
        "nobody was in time": tally.before === 0,
      },
    )
  },
})

export const authority = [
  racesOf("authority when it is written", verbs),
  racesOf("authority of runs and accounts", remainingVerbs),
]
