import { and, eq } from "drizzle-orm"
import { describe, expect, test } from "vitest"

import { write } from "@/db"
import { members, owners } from "@/db/schema"
import { env } from "@/env"
import { now } from "@/lib/clock"
import { listEvents } from "@/lib/events/list"
import { changeRole, leaveOrganization, removeMember } from "@/lib/accounts/members"
import { disableAccount } from "@/lib/accounts/administration"
import { findAccount } from "@/lib/owners/owner"
import { deleteAccount } from "@/lib/accounts/close"
import { aMember, aModel, aName, anOrganization, anAccount, anAdministrator } from "@/lib/test/factories"
import { exploreModels } from "@/lib/models/explore"
import { deleteModel, getModel, listOwnModels, updateModel } from "@/lib/models/model"
import { renameModel } from "@/lib/models/rename"
import {
  acceptTransfer,
  declineTransfer,
  findTransfer,
  listTransfersFrom,
  listTransfersTo,
  offerTransfer,
  withdrawTransfer,
} from "./transfer"

const missing = { kind: "missing", detail: "The requested resource could not be found." }

async function anOffer(fields: Parameters<typeof aModel>[1] = {}) {
  const [alice, bob] = [(await anAccount(aName("alice"))).actor, (await anAccount(aName("bob"))).actor]
  const model = await aModel(alice, fields)
  await offerTransfer(alice, alice.username, model.name, { to: bob.username })
  const [transfer] = await listTransfersTo(bob)
  return { alice, bob, model, id: transfer!.id }
}

const countOf = async (username: string) => (await findAccount(username))!.model_count

test("an offered model stays where it is until the other account accepts", async () => {
  const { alice, bob, model, id } = await anOffer()
  expect(await getModel(null, alice.username, model.name)).toMatchObject({ owner: alice.username })
  expect(await listTransfersFrom(alice)).toMatchObject([{ id, to: bob.username, name: model.name }])

  expect(await acceptTransfer(bob, id, { name: model.name })).toMatchObject({ id: model.id, owner: bob.username })
  expect(await listTransfersTo(bob)).toEqual([])
  expect(await listTransfersFrom(alice)).toEqual([])
  await expect(updateModel(alice, bob.username, model.name, { description: "still mine?" })).rejects.toMatchObject({
    kind: "forbidden",
  })
  await expect(updateModel(bob, bob.username, model.name, { description: "mine" })).resolves.toMatchObject({
    description: "mine",
  })
})

test("old addresses lead to where a model is now, over renames and several owners", async () => {
  const { alice, bob, model, id } = await anOffer({ name: "one" })
  await renameModel(alice, alice.username, "one", { name: "two" })
  await acceptTransfer(bob, id, { name: "three" })
  for (const [owner, name] of [
    [alice, "one"],
    [alice, "two"],
    [bob, "three"],
  ] as const)
    expect(await getModel(null, owner.username, name)).toMatchObject({
      id: model.id,
      owner: bob.username,
      name: "three",
    })

  await aModel(alice, { name: "one" })
  expect(await getModel(null, alice.username, "one")).toMatchObject({ owner: alice.username, name: "one" })

  await offerTransfer(bob, bob.username, "three", { to: alice.username })
  const [back] = await listTransfersTo(alice)
  await acceptTransfer(alice, back!.id, { name: "two" })
  expect(await getModel(null, bob.username, "three")).toMatchObject({ owner: alice.username, name: "two" })
  expect(await getModel(null, alice.username, "two")).toMatchObject({ id: model.id })
})

test("each side's number of models follows the model", async () => {
  const { alice, bob, model, id } = await anOffer()
  await acceptTransfer(bob, id, { name: model.name })
  expect([await countOf(alice.username), await countOf(bob.username)]).toEqual([0, 1])
  expect((await listOwnModels(alice)).rows).toEqual([])
  expect((await listOwnModels(bob)).rows.map(({ id }) => id)).toEqual([model.id])
})

test("a search finds a public model under its new owner", async () => {
  const { alice, bob, model, id } = await anOffer({ name: aName("searched") })
  await acceptTransfer(bob, id, { name: model.name })
  expect((await exploreModels(null, { words: `${bob.username} ${model.name}` })).rows).toHaveLength(1)
  expect((await exploreModels(null, { words: `${alice.username} ${model.name}` })).rows).toEqual([])
})

describe("what is in the way of accepting leaves everything as it was", () => {
  test("a name the receiver has already; under another it works", async () => {
    const { alice, bob, model, id } = await anOffer({ name: "hotdog" })
    await aModel(bob, { name: "hotdog" })
    await expect(acceptTransfer(bob, id, { name: "hotdog" })).rejects.toMatchObject({
      kind: "conflict",
      fields: { name: expect.any(String) },
    })
    expect(await getModel(null, alice.username, "hotdog")).toMatchObject({ owner: alice.username })
    expect([await countOf(alice.username), await countOf(bob.username)]).toEqual([1, 1])
    expect(await acceptTransfer(bob, id, { name: "hotdog-2" })).toMatchObject({ id: model.id, name: "hotdog-2" })
  })

  test("a full account", async () => {
    const { alice, bob, model, id } = await anOffer()
    await aModel(bob)
    const limit = env.MODELS_PER_ACCOUNT
    env.MODELS_PER_ACCOUNT = 1
    try {
      await expect(acceptTransfer(bob, id, { name: model.name })).rejects.toMatchObject({
        kind: "forbidden",
        detail: expect.stringContaining("the maximum per account"),
      })
    } finally {
      env.MODELS_PER_ACCOUNT = limit
    }
    expect(await getModel(null, alice.username, model.name)).toMatchObject({ owner: alice.username })
    expect(await listTransfersTo(bob)).toHaveLength(1)
    expect([await countOf(alice.username), await countOf(bob.username)]).toEqual([1, 1])
  })

  test("a bad name", async () => {
    const { bob, id } = await anOffer()
    await expect(acceptTransfer(bob, id, { name: "No good" })).rejects.toThrow(/valid name/)
    expect(await listTransfersTo(bob)).toHaveLength(1)
  })
})

describe("an offer ends once", () => {
  test("declined, it is gone, the model stays, and its owner reads what happened", async () => {
    const { alice, bob, model, id } = await anOffer()
    await declineTransfer(bob, id)
    expect(await listTransfersTo(bob)).toEqual([])
    expect(await findTransfer(alice, alice.username, model.name)).toMatchObject({
      outcome: "declined",
      to: bob.username,
    })
    await expect(acceptTransfer(bob, id, { name: model.name })).rejects.toMatchObject(missing)
    await offerTransfer(alice, alice.username, model.name, { to: bob.username })
    expect(await listTransfersTo(bob)).toHaveLength(1)
  })

  test("withdrawn, it cannot be accepted", async () => {
    const { alice, bob, model, id } = await anOffer()
    await withdrawTransfer(alice, alice.username, model.name)
    await expect(acceptTransfer(bob, id, { name: model.name })).rejects.toMatchObject(missing)
    await expect(withdrawTransfer(alice, alice.username, model.name)).rejects.toMatchObject({ kind: "conflict" })
  })

  test("accepted many times at once, it moves once", async () => {
    const { alice, bob, id } = await anOffer()
    const outcomes = await Promise.allSettled(
      Array.from({ length: 10 }, (_, n) => acceptTransfer(bob, id, { name: `copy-${n}` })),
    )
    expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(1)
    expect([await countOf(alice.username), await countOf(bob.username)]).toEqual([0, 1])
  })

  test("of a model that was deleted, it is gone", async () => {
    const { alice, bob, model, id } = await anOffer({ visibility: "private" })
    await deleteModel(alice, alice.username, model.name)
    expect(await listTransfersTo(bob)).toEqual([])
    await expect(acceptTransfer(bob, id, { name: "x" })).rejects.toMatchObject(missing)
  })
})

describe("a private model", () => {
  test("changes hands with everything: the one who gave it sees no more of it", async () => {
    const { alice, bob, model, id } = await anOffer({ visibility: "private" })
    await expect(getModel(bob, alice.username, model.name)).rejects.toMatchObject(missing)
    await acceptTransfer(bob, id, { name: model.name })
    for (const owner of [alice, bob]) {
      await expect(getModel(alice, owner.username, model.name)).rejects.toMatchObject(missing)
      await expect(getModel(bob, owner.username, model.name)).resolves.toMatchObject({
        owner: bob.username,
        visibility: "private",
      })
    }
  })

  test("and its offer are nothing that a third person could find", async () => {
    const { alice, bob, model, id } = await anOffer({ visibility: "private" })
    const eve = (await anAccount()).actor
    expect([await listTransfersTo(eve), await listTransfersFrom(eve)]).toEqual([[], []])
    const attempts = [
      () => acceptTransfer(eve, id, { name: "mine" }),
      () => declineTransfer(eve, id),
      () => acceptTransfer(eve, id + 1000, { name: "mine" }),
      () => acceptTransfer(eve, Number.NaN, { name: "mine" }),
      () => offerTransfer(eve, alice.username, model.name, { to: eve.username }),
      () => withdrawTransfer(eve, alice.username, model.name),
      () => findTransfer(eve, alice.username, model.name),
      () => acceptTransfer(alice, id, { name: "mine" }),
    ]
    for (const attempt of attempts) await expect(attempt()).rejects.toMatchObject(missing)
    expect(await listTransfersTo(bob)).toHaveLength(1)
  })
})

describe("an offer is refused", () => {
  test("to an account that is not there, and to the owner", async () => {
    const { actor } = await anAccount()
    const { name } = await aModel(actor)
    await expect(offerTransfer(actor, actor.username, name, { to: "nobody-here" })).rejects.toMatchObject({
      fields: { to: "There is no account named nobody-here." },
    })
    await expect(offerTransfer(actor, actor.username, name, { to: actor.username })).rejects.toMatchObject({
      fields: { to: expect.stringContaining("already") },
    })
    await expect(offerTransfer(actor, actor.username, name, { to: " " })).rejects.toThrow("Enter a username.")
  })

  test("while another stands, and from anybody but the owner", async () => {
    const { alice, bob, model } = await anOffer()
    await expect(offerTransfer(alice, alice.username, model.name, { to: bob.username })).rejects.toMatchObject({
      kind: "conflict",
    })
    await expect(offerTransfer(bob, alice.username, model.name, { to: bob.username })).rejects.toMatchObject({
      kind: "forbidden",
    })
  })
})

test("a token that may only read changes nothing about an offer", async () => {
  const { bob, id, model } = await anOffer()
  const reader = { ...bob, scopes: ["read"] as const }
  await expect(acceptTransfer(reader, id, { name: model.name })).rejects.toMatchObject({ kind: "forbidden" })
  await expect(declineTransfer(reader, id)).rejects.toMatchObject({ kind: "forbidden" })
})

describe("an offer does not outlive the right to make it", () => {
  async function anOfferOf(role: "admin" | "owner") {
    const { organization, actor: owner } = await anOrganization()
    const [offerer, { actor: receiver }] = [await aMember(owner, organization, role), await anAccount()]
    const model = await aModel(owner, { owner: organization.username, visibility: "private" })
    await offerTransfer(offerer, organization.username, model.name, { to: receiver.username })
    const [transfer] = await listTransfersTo(receiver)
    return {
      organization,
      owner,
      offerer,
      receiver,
      model,
      accept: () => acceptTransfer(receiver, transfer!.id, { name: model.name }),
    }
  }

  test("a member who is removed takes no model along", async () => {
    const { organization, owner, offerer, receiver, model, accept } = await anOfferOf("admin")
    await removeMember(owner, organization, offerer.username)
    await expect(accept()).rejects.toMatchObject(missing)
    expect(await listTransfersTo(receiver)).toEqual([])
    expect(await getModel(owner, organization.username, model.name)).toMatchObject({ owner: organization.username })
    const { rows } = await listEvents(owner, organization, { topic: "members" })
    expect(rows[0]).toMatchObject({ action: "member.removed", details: { offers_withdrawn: 1 } })
  })

  test("nor does one who leaves, or may no longer give models away", async () => {
    const left = await anOfferOf("admin")
    await leaveOrganization(left.offerer, left.organization)
    await expect(left.accept()).rejects.toMatchObject(missing)
    const demoted = await anOfferOf("admin")
    await changeRole(demoted.owner, demoted.organization, demoted.offerer.username, "developer")
    await expect(demoted.accept()).rejects.toMatchObject(missing)
  })

  test("one who lost the right while the offer was written has given nothing", async () => {
    for (const role of ["developer", null] as const) {
      const { organization, offerer, accept } = await anOfferOf("admin")
      const member = and(eq(members.organization_id, organization.id), eq(members.user_id, offerer.owner_id))
      // Changes only the membership, so that the offer stays open.
      await write(async (tx) => {
        if (role) await tx.update(members).set({ role }).where(member)
        else await tx.delete(members).where(member)
      })
      await expect(accept()).rejects.toMatchObject(missing)
    }
    const { offerer, accept } = await anOfferOf("admin")
    await write((tx) => tx.update(owners).set({ disabled_at: now() }).where(eq(owners.id, offerer.owner_id)))
    await expect(accept()).rejects.toMatchObject(missing)
  })

  test("one who still may give them away has given this one", async () => {
    const { organization, owner, offerer, accept } = await anOfferOf("owner")
    await changeRole(owner, organization, offerer.username, "admin")
    await expect(accept()).resolves.toMatchObject({ visibility: "private" })
  })

  test("the account of who made it, or whose model it is, was disabled or deleted", async () => {
    const administrator = await anAdministrator()
    const disabled = await anOfferOf("admin")
    await disableAccount(administrator, disabled.offerer.username)
    await expect(disabled.accept()).rejects.toMatchObject(missing)
    const closed = await anOfferOf("admin")
    await disableAccount(administrator, closed.organization.username)
    await expect(closed.accept()).rejects.toMatchObject(missing)
    const gone = await anOfferOf("admin")
    await deleteAccount(gone.offerer, (await findAccount(gone.offerer.username))!, {
      confirmation: gone.offerer.username,
      password: "",
    })
    await expect(gone.accept()).rejects.toMatchObject(missing)
  })

  test("an offer to an account that was deleted stands in nobody's way", async () => {
    const { alice, bob, model } = await anOffer()
    await deleteAccount(bob, (await findAccount(bob.username))!, { confirmation: bob.username, password: "" })
    const { actor: carol } = await anAccount()
    await expect(offerTransfer(alice, alice.username, model.name, { to: carol.username })).resolves.toBeUndefined()
  })
})
