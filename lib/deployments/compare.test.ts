import { expect, test } from "vitest"

import { anAccount, aVersion } from "@/lib/test/factories"
import { aTestModel } from "@/lib/test/running"
import { compareReleases } from "./compare"
import { createDeployment, updateDeployment } from "./deployment"

const schemaOf = (properties: object) => ({
  openapi: "3.0.2",
  components: { schemas: { Input: { type: "object", properties }, Output: { type: "string" } } },
})
const text = { type: "string" }

test("releases are compared with what changes for callers, and what breaks them comes first", async () => {
  const { actor } = await anAccount()
  const { model, name } = await aTestModel(actor)
  const [first, second] = [
    await aVersion(actor, model, { openapi_schema: schemaOf({ prompt: text, style: text }) }),
    await aVersion(actor, model, { openapi_schema: schemaOf({ prompt: text, seed: { type: "integer" } }) }),
  ]
  const deployment = await createDeployment(actor, {
    name: "compared",
    model: name,
    version: first.id,
    hardware: "cpu-small",
    min_instances: 0,
    max_instances: 1,
  })
  await updateDeployment(actor, deployment.owner, "compared", { version: second.id, max_instances: 3 })
  const last = await updateDeployment(actor, deployment.owner, "compared", { min_instances: 1 })

  const compared = await compareReleases(actor, last, 1, 2)
  expect(compared.older.release).toMatchObject({ number: 1, version: first.id, max_instances: 1 })
  expect(compared.newer).toMatchObject({ release: { number: 2, version: second.id }, by: { id: actor.owner_id } })
  expect(compared.changes!.map(({ name, breaking }) => [name, breaking])).toEqual([
    ["style", true],
    ["seed", false],
  ])
  expect((await compareReleases(actor, last, 2, 3)).changes).toEqual([])
  // In the other direction as well.
  expect((await compareReleases(actor, last, 2, 1)).changes!.some(({ breaking }) => breaking)).toBe(true)
})

test("there is nothing to compare with a release that does not exist, and nothing to read of a version that one may not see", async () => {
  const { actor } = await anAccount()
  const { model, name, version } = await aTestModel(actor, { visibility: "private" })
  const { owner } = await createDeployment(actor, {
    name: "compared",
    model: name,
    version: version.id,
    hardware: "cpu-small",
    min_instances: 0,
    max_instances: 1,
  })
  const other = await aVersion(actor, model, {})
  const deployment = await updateDeployment(actor, owner, "compared", { version: other.id })
  for (const [from, to] of [
    [1, 3],
    [0, 1],
  ] as const)
    await expect(compareReleases(actor, deployment, from, to)).rejects.toMatchObject({ kind: "missing" })
  const stranger = (await anAccount()).actor
  expect((await compareReleases(stranger, deployment, 1, 2)).changes).toBeNull()
})
