import { expect, test } from "vitest"

import { anAccount, aMember, anOrganization } from "@/lib/test/factories"
import { aTestModel } from "@/lib/test/running"
import { checkDeploymentName } from "./availability"
import { createDeployment } from "./deployment"

test("a name is free, taken with others that are free, or no name at all", async () => {
  const { actor } = await anAccount()
  const { name: model, version } = await aTestModel(actor)
  const ask = (name: string) => checkDeploymentName(actor, { owner: actor.username, name })
  expect(await ask("greeter")).toEqual({ status: "free" })
  for (const name of ["greeter", "greeter-2"])
    await createDeployment(actor, {
      name,
      model,
      version: version.id,
      hardware: "cpu-small",
      min_instances: 0,
      max_instances: 1,
    })
  expect(await ask("greeter")).toEqual({
    status: "taken",
    path: `/deployments/${actor.username}/greeter`,
    suggestions: ["greeter-3", "greeter-4", "greeter-5"],
  })
  expect(await ask("No Name")).toMatchObject({ status: "invalid" })
})

test("names of accounts that one may not deploy for cannot be probed", async () => {
  const { organization, actor } = await anOrganization()
  const viewer = await aMember(actor, organization, "viewer")
  const developer = await aMember(actor, organization, "developer")
  for (const owner of [organization.username, "nobody-at-all"])
    await expect(checkDeploymentName(viewer, { owner, name: "greeter" })).rejects.toMatchObject({ kind: "forbidden" })
  expect(await checkDeploymentName(developer, { owner: organization.username, name: "greeter" })).toEqual({
    status: "free",
  })
})
