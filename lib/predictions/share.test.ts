import { beforeAll, expect, test } from "vitest"

import { write } from "@/db"
import { shares } from "@/db/schema"
import { fromNow } from "@/lib/clock"
import { disableAccount } from "@/lib/accounts/administration"
import type { Actor } from "@/lib/auth/actor"
import { updateModel, type Model } from "@/lib/models/model"
import { aMember, aModel, anAccount, anAdministrator, anOrganization, aVersion } from "@/lib/test/factories"
import { aTextModel } from "@/lib/test/text-model"
import type { Version } from "@/lib/versions/version"
import { runAgain } from "./rerun"
import { createPrediction } from "./create"
import { endPrediction } from "./end"
import { addExample, removeExample } from "./example"
import { deletePrediction, getPrediction, keepPrediction } from "./prediction"
import { openSecrets } from "./input"
import { presentPrediction } from "./present"
import { findOwnShare, getShared, previewShare, revokeShare, sharePrediction } from "./share"

let alice: Actor
let bob: Actor
let model: Model
let version: Version
beforeAll(async () => {
  ;({ alice, bob, model, version } = await aTextModel())
})

const start = (by = alice, account?: { id: number; username: string }) =>
  createPrediction(
    by,
    { version: "named" },
    { version: version.id, input: { text: "given", key: "hunter2" } },
    { origin: "", account },
  )
const aRun = async (...of: Parameters<typeof start>) => {
  const made = await start(...of)
  return (await endPrediction(made, { status: "succeeded", output: "done", logs: "given" }))!
}
const shown = { hides_input: false, days: null }

test("nothing is shared until somebody says so, and a link shows neither logs nor secrets", async () => {
  const { id, number } = await aRun()
  expect(await findOwnShare(alice, await getPrediction(alice, id))).toBeNull()
  const { secret } = await sharePrediction(alice, id, shown)
  expect(await findOwnShare(alice, await getPrediction(alice, id))).toMatchObject({ prediction: number, secret })
  expect(await findOwnShare(bob, await getPrediction(alice, id))).toBeNull()
  const body = presentPrediction((await getShared(id, secret)).prediction, "http://here")
  expect(body).toMatchObject({ output: "done", input: { text: "given", key: "**********" }, logs: "" })
  // Others cannot see it without the link.
  await expect(getPrediction(bob, id)).rejects.toMatchObject({ kind: "missing" })
  await expect(getShared(id, "0".repeat(26))).rejects.toMatchObject({ kind: "missing" })
  await expect(getShared((await aRun()).id, secret)).rejects.toMatchObject({ kind: "missing" })
})

test("a link to a run of a private model does not tell its name", async () => {
  const own = await aModel(alice, { visibility: "private" })
  const { id: named } = await aVersion(alice, own)
  const made = await createPrediction(alice, { version: "named" }, { version: named, input: {} }, { origin: "" })
  const { id } = (await endPrediction(made, { status: "succeeded", output: "done" }))!
  const { secret } = await sharePrediction(alice, id, shown)
  expect((await getShared(id, secret)).prediction.model).toBe("")
  await updateModel(alice, own.owner, own.name, { visibility: "public" })
  expect((await getShared(id, secret)).prediction.model).toBe(`${own.owner}/${own.name}`)
})

test("a link hides the input where that is asked for, and a new link ends the old one", async () => {
  const { id } = await aRun()
  const first = await sharePrediction(alice, id, shown)
  const second = await sharePrediction(alice, id, { hides_input: true, days: 7 })
  await expect(getShared(id, first.secret)).rejects.toMatchObject({ kind: "missing" })
  const { prediction } = await getShared(id, second.secret)
  expect(JSON.stringify(prediction)).not.toContain("given")
  expect(prediction.output).toBe("done")
})

test("a link ends when it is revoked, when its time is over, and when the data or the account goes", async () => {
  const { id } = await aRun()
  const { secret } = await sharePrediction(alice, id, shown)
  expect((await getPrediction(alice, id)).expires_at).toBeNull()
  await revokeShare(alice, id)
  expect((await getPrediction(alice, id)).expires_at).not.toBeNull()
  await expect(getShared(id, secret)).rejects.toMatchObject({ kind: "missing" })
  await expect(revokeShare(alice, id)).rejects.toMatchObject({ kind: "missing" })

  const timed = await sharePrediction(alice, id, { hides_input: false, days: 1 })
  await write(async (tx) => void (await tx.update(shares).set({ expires_at: fromNow(-1) })))
  await expect(getShared(id, timed.secret)).rejects.toMatchObject({ kind: "missing" })
  expect(await findOwnShare(alice, await getPrediction(alice, id))).toBeNull()

  const last = await sharePrediction(alice, id, shown)
  await deletePrediction(alice, id)
  await expect(getShared(id, last.secret)).rejects.toMatchObject({ kind: "missing" })

  const { owner, actor } = await anAccount()
  const theirs = await aRun(actor)
  const { secret: open } = await sharePrediction(actor, theirs.id, shown)
  await disableAccount(await anAdministrator(), owner.username)
  await expect(getShared(theirs.id, open)).rejects.toMatchObject({ kind: "missing" })
})

test("only those who may run for the account share, and only what is over", async () => {
  const { organization, actor } = await anOrganization()
  const viewer = await aMember(actor, organization, "viewer")
  const { id } = await aRun(actor, organization)
  await expect(sharePrediction(viewer, id, shown)).rejects.toMatchObject({ kind: "forbidden" })
  await expect(sharePrediction(bob, id, shown)).rejects.toMatchObject({ kind: "missing" })
  await expect(sharePrediction(actor, id, { hides_input: true, days: 0 })).rejects.toThrow()
  await expect(sharePrediction(alice, (await start()).id, shown)).rejects.toMatchObject({ kind: "invalid" })
})

test("data stays as long as a link to it works, whatever else it stayed for", async () => {
  const { id } = await aRun()
  const stays = async () => (await getPrediction(alice, id)).expires_at
  await sharePrediction(alice, id, shown)
  expect(await stays()).toBeNull()
  await keepPrediction(alice, id, true)
  await keepPrediction(alice, id, false)
  expect(await stays()).toBeNull()
  await addExample(alice, model.owner, model.name, id)
  await removeExample(alice, model.owner, model.name, id)
  expect(await stays()).toBeNull()
  // Replaces the link without an end by one for a day.
  await sharePrediction(alice, id, { hides_input: false, days: 1 })
  const usual = (await stays())!
  expect(usual > fromNow(86_400)).toBe(true)
  // A link that works longer than the retention period.
  const { expires_at } = await sharePrediction(alice, id, { hides_input: false, days: 365 })
  expect(await stays()).toBe(expires_at)
  await revokeShare(alice, id)
  expect((await stays())! < expires_at!).toBe(true)
})

test("an organization's run runs again for the organization, by who may run for it", async () => {
  const { organization, actor } = await anOrganization()
  const { id } = await aRun(actor, organization)
  expect(await runAgain(actor, id, "http://here")).toMatchObject({ owner_id: organization.id })
  const viewer = await aMember(actor, organization, "viewer")
  await expect(runAgain(viewer, id, "http://here")).rejects.toMatchObject({ kind: "forbidden" })
})

test("what ran once runs again on the same input, secrets included, for who it belongs to", async () => {
  const { id } = await aRun()
  const again = await runAgain(alice, id, "http://here")
  expect(again).toMatchObject({ version: version.id, status: "starting" })
  expect(openSecrets(again.id, again.input!, again.secrets)).toEqual({ text: "given", key: "hunter2" })
  await expect(runAgain(bob, id, "")).rejects.toMatchObject({ kind: "missing" })
  await deletePrediction(alice, id)
  await expect(runAgain(alice, id, "")).rejects.toMatchObject({ kind: "invalid" })
})

test("those who can share a prediction see beforehand what a link would show, and nobody else does", async () => {
  const { id } = await aRun()
  expect(presentPrediction(await previewShare(alice, id, false), "http://here")).toMatchObject({
    output: "done",
    input: { text: "given", key: "**********" },
    logs: "",
  })
  expect(await previewShare(alice, id, true)).toMatchObject({ output: "done", input: {} })
  for (const other of [bob, null])
    await expect(previewShare(other, id, false)).rejects.toMatchObject({ kind: "missing" })
  await expect(previewShare(alice, (await start()).id, false)).rejects.toMatchObject({ kind: "missing" })
  await deletePrediction(alice, id)
  await expect(previewShare(alice, id, false)).rejects.toMatchObject({ kind: "missing" })
})
