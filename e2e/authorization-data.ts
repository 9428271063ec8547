// Run beside the server, on its data: creates the people and objects of the authorization tests, as many sets as
// requested, and prints how to reach them.
import { encode } from "next-auth/jwt"
import sharp from "sharp"

import { authSecret } from "@/lib/auth/secret"
import { fromNow } from "@/lib/clock"
import { cancelBatch } from "@/lib/batches/batch"
import { createBatch } from "@/lib/batches/create"
import { addToCollection, createCollection } from "@/lib/collections/collection"
import { inviteByLink } from "@/lib/organizations/invitation"
import { removeMember } from "@/lib/accounts/members"
import { setCover } from "@/lib/models/cover"
import { deleteModel, updateModel } from "@/lib/models/model"
import { issuePasswordLink } from "@/lib/accounts/password-links"
import { addUser, findAccount, actorFor } from "@/lib/owners/owner"
import { openSession } from "@/lib/sessions/session"
import { aMember, aModel, anOrganization, anAccount, aName, aVersion, renewed } from "@/lib/test/factories"
import { issueToken, revokeToken } from "@/lib/tokens/token"
import { createDeployment } from "@/lib/deployments/deployment"
import { createPrediction } from "@/lib/predictions/create"
import { cancelPrediction } from "@/lib/predictions/prediction"
import { cancelTraining, createTraining } from "@/lib/trainings/training"
import type { Actor } from "@/lib/auth/actor"
import { closeDatabase, write } from "@/db"
import { owners, tokens } from "@/db/schema"
import { eq } from "drizzle-orm"

const cookieOf = async (actor: Actor) => {
  const secret = await openSession((await findAccount(actor.username))!, { address: null, user_agent: null })
  return `understudy.session=${await encode({ token: { secret }, secret: authSecret(), maxAge: 3600 })}`
}
const tokenOf = async (actor: Actor, scopes = ["read", "write", "push"]) =>
  (await issueToken(actor, { name: aName("token"), scopes })).secret
const person = async (actor: Actor) => ({
  username: actor.username,
  cookie: await cookieOf(actor),
  token: await tokenOf(actor),
})

async function everybodyAndEverything() {
  // Which account is the first, and so the administrator, is unpredictable while other tests run.
  const first = await addUser({ username: aName("admin") })
  await write(async (tx) => void (await tx.update(owners).set({ is_admin: true }).where(eq(owners.id, first.id))))
  const administrator = actorFor({ ...first, is_admin: true }, "web")

  const { actor: owner } = await anAccount()
  const { actor: stranger } = await anAccount()
  const { organization, actor: orgOwner } = await anOrganization()
  const [admin, developer, viewer, removed] = [
    await aMember(orgOwner, organization, "admin"),
    await aMember(orgOwner, organization, "developer"),
    await aMember(orgOwner, organization, "viewer"),
    await aMember(orgOwner, organization, "admin"),
  ]
  // A version keeps an authorized DELETE from deleting: it is rejected with a message that only authorized people see.
  const picture = await sharp({ create: { width: 64, height: 64, channels: 3, background: "green" } })
    .png()
    .toBuffer()
  async function model(actor: Actor, fields: Parameters<typeof aModel>[1]) {
    const made = await aModel(actor, { ...fields, description: aName("secret-description") })
    const version = await aVersion(actor, made, {
      openapi_schema: {
        openapi: "3.0.2",
        components: {
          schemas: {
            Input: { type: "object", properties: { prompt: { type: "string" } } },
            Output: { type: "string" },
            TrainingInput: { type: "object", properties: { prompt: { type: "string" } } },
            TrainingOutput: { type: "object", properties: { weights: { type: "string", format: "uri" } } },
          },
        },
      },
    })
    const { cover_upload } = await setCover(actor, made.owner, made.name, picture)
    return {
      owner: made.owner,
      name: made.name,
      version: version.id,
      cover: `${cover_upload}.webp`,
      marker: made.description!,
    }
  }
  const targets = {
    public: await model(owner, { visibility: "public" }),
    private: await model(owner, { visibility: "private" }),
    "organization private": await model(orgOwner, { owner: organization.username, visibility: "private" }),
  }
  // A model made private after it was added to a collection could leak through it.
  const { slug } = await createCollection(administrator, { slug: aName("collection"), name: "Picked" })
  await updateModel(owner, targets.private.owner, targets.private.name, { visibility: "public" })
  for (const { owner, name } of [targets.public, targets.private])
    await addToCollection(administrator, slug, owner, name)
  await updateModel(owner, targets.private.owner, targets.private.name, { visibility: "private" })

  // Cancelled immediately, because the tests only look at it.
  const given = aName("secret-input")
  const { id: prediction } = await createPrediction(
    owner,
    { version: "named" },
    {
      version: `${targets.private.owner}/${targets.private.name}:${targets.private.version}`,
      input: { prompt: given },
    },
    { origin: "" },
  )
  await cancelPrediction(owner, prediction)
  const { owner: trainer, name, version: id } = targets.private
  const { id: training } = await createTraining(
    owner,
    { owner: trainer, name, id },
    { destination: `${trainer}/${name}`, input: { prompt: given } },
    { origin: "" },
  )
  await cancelTraining(owner, training)
  const deployment = await createDeployment(owner, {
    name: aName("deployed"),
    model: `${targets.private.owner}/${targets.private.name}`,
    version: targets.private.version,
    hardware: "cpu",
    min_instances: 0,
    max_instances: 1,
  })

  const { id: batch } = await createBatch(
    owner,
    {
      version: `${targets.private.owner}/${targets.private.name}:${targets.private.version}`,
      inputs: [{ prompt: given }],
    },
    "",
  )
  await cancelBatch(owner, batch)

  const gone = await aModel(orgOwner, { owner: organization.username, visibility: "private" })
  await deleteModel(orgOwner, organization.username, gone.name)
  const nothing = { version: "0".repeat(64), cover: "none.webp", marker: "" }

  const markedToken = aName("secret-token")
  await issueToken(orgOwner, { name: markedToken }, organization)
  const removedMadeToken = (await issueToken(removed, { name: "of the removed" }, organization)).secret
  const principals = {
    owner: await person(owner),
    stranger: await person(stranger),
    "organization owner": await person(orgOwner),
    admin: await person(admin),
    developer: await person(developer),
    viewer: await person(viewer),
    removed: await person(removed),
    administrator: await person(administrator),
  }
  await removeMember(await renewed(orgOwner), organization, removed.username)

  const ended = await issueToken(owner, { name: "revoked" })
  await revokeToken(owner, ended.token.id)
  const expired = await issueToken(owner, { name: "expired" })
  await write(
    async (tx) =>
      void (await tx
        .update(tokens)
        .set({ expires_at: fromNow(-1) })
        .where(eq(tokens.id, expired.token.id))),
  )

  return {
    organization: organization.username,
    // Texts that only some people may read, anywhere: the names of members, a token's name, an audit event.
    marks: { members: developer.username, tokens: markedToken, events: gone.name, prediction: given },
    prediction,
    batch,
    deployment: deployment.name,
    training,
    invitation: await inviteByLink(orgOwner, organization, { role: "viewer" }),
    reset: await issuePasswordLink(administrator, stranger.username),
    collection: slug,
    principals,
    tokens: {
      "read-only": await tokenOf(owner, ["read"]),
      revoked: ended.secret,
      expired: expired.secret,
      organization: (await issueToken(orgOwner, { name: "organization" }, organization)).secret,
      "removed maker's": removedMadeToken,
    },
    targets: {
      ...targets,
      deleted: { owner: organization.username, name: gone.name, ...nothing },
      "never existed": { owner: organization.username, name: aName("never"), ...nothing },
    },
  }
}

const made = []
for (let n = 0; n < Number(process.argv[2] ?? 1); n++) made.push(await everybodyAndEverything())
console.log(JSON.stringify(made))
await closeDatabase()
