import { expect, test } from "vitest"

import { write } from "@/db"
import { fromNow } from "@/lib/clock"
import { ensurePool } from "@/lib/pools/pool"
import { anAccount, aMember, anOrganization } from "@/lib/test/factories"
import { anInstance, aUse } from "@/lib/test/instances"
import { aTestModel } from "@/lib/test/running"
import { createDeployment } from "./deployment"
import { trafficOf, trafficOfDeployment } from "./traffic"

/** A paid minute of an instance of a model, some days ago. */
async function aMinute(owner_id: number, model_id: number, days: number) {
  const pool = `version:traffic-${model_id}`
  await write(ensurePool({ key: pool, model_id, version: "0".repeat(64), hardware: "cpu-small" }))
  await aUse(await anInstance(pool), { owner_id, model_id, at: fromNow(-days * 24 * 3600), seconds: 60 })
}

test("traffic is what the account paid for of the model in the last seven days", async () => {
  const [alice, bob] = [await anAccount(), await anAccount()]
  const [used, other] = [await aTestModel(alice.actor), await aTestModel(alice.actor)]
  const ask = (model: string) => trafficOf(alice.actor, { owner: alice.actor.username, model })
  expect(await ask(used.name)).toBeNull()
  await aMinute(alice.actor.owner_id, used.model.id, 0)
  await aMinute(alice.actor.owner_id, used.model.id, 6)
  await aMinute(alice.actor.owner_id, used.model.id, 8)
  await aMinute(bob.actor.owner_id, used.model.id, 0)
  await aMinute(alice.actor.owner_id, other.model.id, 0)
  expect(await ask(used.name)).toEqual({ owner: alice.actor.username, of: used.name, seconds: 120 })
  for (const odd of ["", "nobody/nothing", "a/b/c", used.model.name]) expect(await ask(odd)).toBeNull()
})

test("the traffic of accounts that one may not deploy for, and of models that one may not see, stays unknown", async () => {
  const { organization, actor } = await anOrganization()
  const { model, name } = await aTestModel(actor, { visibility: "private" })
  await aMinute(organization.id, model.id, 0)
  const viewer = await aMember(actor, organization, "viewer")
  const stranger = (await anAccount()).actor
  for (const one of [viewer, stranger])
    await expect(trafficOf(one, { owner: organization.username, model: name })).rejects.toMatchObject({
      kind: "forbidden",
    })
  expect(await trafficOf(stranger, { owner: stranger.username, model: name })).toBeNull()
})

test("the traffic of a deployment is the time of its own instances", async () => {
  const { actor, owner } = await anAccount()
  const { model, name, version } = await aTestModel(actor)
  const deployment = await createDeployment(actor, {
    name: "greeter",
    model: name,
    version: version.id,
    hardware: "cpu-small",
    min_instances: 0,
    max_instances: 1,
  })
  await aMinute(owner.id, model.id, 0)
  expect(await trafficOfDeployment(deployment)).toBeNull()
  const at = fromNow(-60)
  await aUse(await anInstance(deployment.release.pool), { owner_id: owner.id, model_id: model.id, at, seconds: 60 })
  expect(await trafficOfDeployment(deployment)).toMatchObject({ of: `${owner.username}/greeter`, seconds: 60 })
})
