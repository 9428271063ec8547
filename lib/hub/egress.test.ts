import { beforeAll, beforeEach, expect, test } from "vitest"

import type { Actor } from "@/lib/auth/actor"
import { listEvents, listInstallationEvents } from "@/lib/events/list"
import { changeSettings } from "@/lib/settings/setting"
import { decideEgress, listEgressRequests } from "@/lib/models/egress"
import { getModel, updateModel } from "@/lib/models/model"
import { getModelJson } from "@/lib/models/model-json"
import { findOrCreateBundledOrganization } from "@/lib/organizations/organization"
import { actorFor, type Account } from "@/lib/owners/owner"
import { createPrediction } from "@/lib/predictions/create"
import { getPrediction } from "@/lib/predictions/prediction"
import { aMember, anAccount, anAdministrator, anOrganization, aModel, aVersion } from "@/lib/test/factories"
import { FakeRunner } from "@/lib/test/fake-runner"
import { aTestModel, forget } from "@/lib/test/running"
import { acceptTransfer, findTransfer, offerTransfer } from "@/lib/transfers/transfer"
import { bundledOwner } from "@/lib/versions/bundled"
import { startHub } from "./hub"
import { hub } from "./state"

let alice: Actor
let admin: Actor
beforeAll(async () => {
  alice = (await anAccount()).actor
  admin = await anAdministrator()
})

let runner: FakeRunner
beforeEach(async () => {
  await changeSettings(admin, { RUN_EGRESS: "" })
  forget()
  startHub()
  runner = new FakeRunner(undefined, undefined, ["docker", "process"])
})

const settle = () => runner.settle()

async function aPushedModel(actor = alice) {
  const model = await aModel(actor, { hardware: "cpu-small" })
  await aVersion(actor, model)
  return model
}
type Named = { owner: string; name: string }
const run = ({ owner, name }: Named, input: object = {}) =>
  createPrediction(alice, { owner, name }, { input }, { origin: "" })
const ask = ({ owner, name }: Named, egress: "none" | "internet", actor = alice) =>
  updateModel(actor, owner, name, { egress })
const shown = async ({ owner, name }: Named) => JSON.parse(await getModelJson(alice, owner, name, "")).egress

/** Starts a run and returns the network access of its new instance, which it then stops. */
async function startedWith(model: Named) {
  await run(model)
  await settle()
  const [live] = [...hub().runners.get(runner.id)!.instances.values()].slice(-1)
  const started = live!.egress
  for (const id of runner.instances.keys()) runner.end(id, "stopped")
  await settle()
  return started
}

test("a model reaches the Internet once its owner has asked and an administrator has allowed it, and both logs say so", async () => {
  const model = await aPushedModel()
  expect([await shown(model), await startedWith(model)]).toEqual(["none", "none"])
  await ask(model, "internet")
  expect([await shown(model), await startedWith(model)]).toEqual(["requested", "none"])
  expect((await listEgressRequests(admin))[0]).toMatchObject({ id: model.id, egress: "requested" })

  await decideEgress(admin, model.id, "allow")
  expect([await shown(model), await startedWith(model)]).toEqual(["internet", "internet"])
  await decideEgress(admin, model.id, "refuse")
  expect([await shown(model), await startedWith(model)]).toEqual(["none", "none"])
  await expect(decideEgress(admin, model.id, "allow")).rejects.toMatchObject({ kind: "missing" })

  const of = async (events: ReturnType<typeof listInstallationEvents>) =>
    (await events).rows.slice(0, 2).map(({ action, subject }) => [action, subject])
  expect(await of(listEvents(alice, { id: alice.owner_id } as never))).toEqual([
    ["model.egress_refused", model.name],
    ["model.egress_allowed", model.name],
  ])
  expect(await of(listInstallationEvents(admin))).toEqual([
    ["model.egress_refused", `${model.owner}/${model.name}`],
    ["model.egress_allowed", `${model.owner}/${model.name}`],
  ])
})

test("the setting allows all that ask, or none", async () => {
  const [asks, asksNot] = [await aPushedModel(), await aPushedModel()]
  await ask(asks, "internet")
  await changeSettings(admin, { RUN_EGRESS: "internet" })
  expect([await startedWith(asks), await startedWith(asksNot)]).toEqual(["internet", "none"])
  await decideEgress(admin, asks.id, "allow")
  await changeSettings(admin, { RUN_EGRESS: "none" })
  expect([await shown(asks), await startedWith(asks)]).toEqual(["requested", "none"])
  await expect(changeSettings(admin, { RUN_EGRESS: "perhaps" })).rejects.toMatchObject({
    fields: { RUN_EGRESS: "Choose none, approved or internet." },
  })
})

test("what runs goes on as it was started, and nothing more is given to it", async () => {
  runner = new FakeRunner(undefined, [{ sku: "cpu-small", total: 1 }], ["docker"])
  const model = await aPushedModel()
  const [first, second] = [await run(model), await run(model)]
  await settle()
  await runner.makeReady()
  await runner.report()
  const before = [...runner.instances.keys()]
  await ask(model, "internet")
  await changeSettings(admin, { RUN_EGRESS: "internet" })
  const running = runner.running[0]!
  await settle()
  await runner.finish(running.id)
  await settle()
  await runner.makeReady()
  await settle()
  const waiting = [first, second].find(({ id }) => id !== running.id)!
  const at = runner.running.find(({ id }) => id === waiting.id)!.instance
  expect(before).not.toContain(at)
  expect(hub().runners.get(runner.id)!.instances.get(at)).toMatchObject({ egress: "internet" })
  expect(before.filter((id) => runner.instances.has(id))).toEqual([])
  await runner.finish(waiting.id)
  expect(await getPrediction(alice, first.id)).toMatchObject({ status: "succeeded" })
})

test("a model with the Internet opens the addresses in its input itself, one without has them opened for it", async () => {
  const schema = {
    openapi: "3.0.2",
    components: { schemas: { Input: { properties: { image: { type: "string", format: "uri" } } }, Output: {} } },
  }
  const model = await aModel(alice, { hardware: "cpu-small" })
  await aVersion(alice, model, { openapi_schema: JSON.stringify(schema) })
  const image = "https://example.com/cat.png"
  const handed = async () => {
    const { id } = await run(model, { image })
    await settle()
    await runner.makeReady()
    await settle()
    const { prediction } = runner.handed.at(-1)!
    await runner.finish(id)
    await settle()
    return Object.keys(prediction.files)
  }
  expect(await handed()).toEqual([image])
  await ask(model, "internet")
  await decideEgress(admin, model.id, "allow")
  await settle()
  expect(await handed()).toEqual([])
})

test("what was allowed to one owner is not allowed to the next, and not for ever", async () => {
  const model = await aPushedModel()
  await ask(model, "internet")
  await decideEgress(admin, model.id, "allow")
  await ask(model, "none")
  await ask(model, "internet")
  expect(await shown(model)).toBe("requested")
  await decideEgress(admin, model.id, "allow")
  const bob = (await anAccount()).actor
  await offerTransfer(alice, model.owner, model.name, { to: bob.username })
  await acceptTransfer(bob, (await findTransfer(alice, model.owner, model.name))!.id, { name: model.name })
  expect(await getModel(bob, bob.username, model.name)).toMatchObject({ egress_allowed_at: null })
})

test("who may manage a model asks, and nobody but an administrator decides", async () => {
  const { organization, actor: owner } = await anOrganization()
  const model = await aModel(owner, { owner: organization.username, hardware: "cpu-small" })
  const developer = await aMember(owner, organization, "developer")
  await expect(ask(model, "internet", developer)).rejects.toMatchObject({ kind: "forbidden" })
  await ask(model, "internet", owner)
  for (const actor of [owner, { ...admin, token_id: 1 }]) {
    await expect(listEgressRequests(actor)).rejects.toMatchObject({ kind: "missing" })
    await expect(decideEgress(actor, model.id, "allow")).rejects.toMatchObject({ kind: "missing" })
  }
  expect(JSON.parse(await getModelJson(null, model.owner, model.name, ""))).not.toHaveProperty("egress")
})

test("a bundle of an earlier release is refused, also where a run already waits for it", async () => {
  const organization = await findOrCreateBundledOrganization({
    username: bundledOwner,
    name: "Understudy",
    description: "",
  })
  const own = actorFor(organization as Account, "cli")
  const { name, model, version } = await aTestModel(own, { hardware: "gpu-h100" })
  const named = `${name}:${version.id}`
  const waiting = await createPrediction(alice, { version: "named" }, { version: named, input: {} }, { origin: "" })
  await settle()
  await aTestModel(own, { model })
  const detail = expect.stringContaining("belongs to an earlier release of this server and can no longer run. Run ")
  await expect(
    createPrediction(alice, { version: "named" }, { version: named, input: {} }, { origin: "" }),
  ).rejects.toMatchObject({ kind: "unprocessable", detail })
  await settle()
  expect(await getPrediction(alice, waiting.id)).toMatchObject({ status: "failed", error: detail })
})
