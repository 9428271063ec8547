import { expect, test } from "vitest"

import { removeMember } from "@/lib/accounts/members"
import type { Actor } from "@/lib/auth/actor"
import { listBatches } from "@/lib/batches/batch"
import { createBatch } from "@/lib/batches/create"
import { createPrediction } from "@/lib/predictions/create"
import { listHistory } from "@/lib/predictions/history"
import { getPrediction } from "@/lib/predictions/prediction"
import { aMember, aModel, anAccount, anOrganization, aVersion, renewed } from "@/lib/test/factories"
import { getModel, updateModel } from "./model"
import { renameModel } from "./rename"
import type { Model } from "./row"

/** The model names that an actor sees in their own runs and batches. */
async function namesFor(actor: Actor, run: string): Promise<string[]> {
  const names = [
    (await getPrediction(actor, run)).model,
    ...(await listHistory(actor)).rows.map(({ model }) => model),
    ...(await listBatches(actor)).rows.map(({ model }) => model),
  ]
  return [...new Set(names)]
}

async function runBy(actor: Actor, model: Model, version: string) {
  const named = `${model.owner}/${model.name}:${version}`
  await createBatch(actor, { version: named, inputs: [{}] }, "")
  return (await createPrediction(actor, { version: "named" }, { version: named, input: {} }, { origin: "" })).id
}

test("who ran a public model is not told what it is called once it is private", async () => {
  const { actor: alice } = await anAccount()
  const { actor: bob } = await anAccount()
  const model = await aModel(alice)
  const { id: version } = await aVersion(alice, model)
  const [own, run] = [await runBy(alice, model, version), await runBy(bob, model, version)]
  await renameModel(alice, model.owner, model.name, { name: "renamed" })
  expect(await namesFor(bob, run)).toEqual([`${model.owner}/renamed`])

  await updateModel(alice, model.owner, "renamed", { visibility: "private" })
  await renameModel(alice, model.owner, "renamed", { name: "secret" })
  expect(await namesFor(bob, run)).toEqual([""])
  expect(await namesFor(alice, own)).toEqual([`${model.owner}/secret`])
})

test("members are told the name of a private model of their organization as long as they are members", async () => {
  const { organization, actor: owner } = await anOrganization()
  const bob = await aMember(owner, organization, "developer")
  const model = await aModel(owner, { owner: organization.username, visibility: "private" })
  const { id: version } = await aVersion(owner, await getModel(owner, model.owner, model.name))
  const run = await runBy(bob, model, version)
  expect(await namesFor(bob, run)).toEqual([`${model.owner}/${model.name}`])
  await removeMember(owner, organization, bob.username)
  expect(await namesFor(await renewed(bob), run)).toEqual([""])
})
