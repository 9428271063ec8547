import path from "node:path"
import { expect, test } from "vitest"

import { env } from "@/env"
import { listModelsOf, getModel } from "@/lib/models/model"
import { getVersion } from "@/lib/versions/version"
import { getReadme } from "@/lib/models/readme"
import { listMembers } from "@/lib/organizations/organization"
import { addUser, actorFor, findAccount, instanceIsNew } from "@/lib/owners/owner"
import { listVersions } from "@/lib/versions/version"
import { bundledEntry, catalogue, findBundle, findBundledModel, type Bundle } from "./catalogue"
import { bundledOwner } from "@/lib/versions/bundled"
import { publishBundle, publishBundledModels } from "./publish"

const echo = (): Bundle => findBundle(findBundledModel("echo")!)!

/** Publishes bundled models, which are turned off in tests by default. */
async function publishAll() {
  env.RUN_BUNDLED = "on"
  await publishBundledModels()
  env.RUN_BUNDLED = "off"
}

test("with RUN_BUNDLED=off there is nothing", async () => {
  await publishBundledModels()
  expect(await findAccount(bundledOwner)).toBeUndefined()
})

test("several servers that start at once publish each model once", async () => {
  env.RUN_BUNDLED = "on"
  await Promise.all([publishBundledModels(), publishBundledModels(), publishBundledModels()])
  env.RUN_BUNDLED = "off"
  for (const { name } of catalogue.filter(({ included }) => included))
    expect((await listVersions(null, bundledOwner, name)).rows).toHaveLength(1)
})

test("every bundle becomes a public model of an organization without members", async () => {
  await publishAll()
  const organization = (await findAccount(bundledOwner))!
  expect(organization).toMatchObject({ type: "organization", name: "Understudy" })
  expect(await listMembers(actorFor(organization, "cli"), organization)).toEqual([])

  const { rows } = await listModelsOf(null, organization, undefined, 100)
  expect(rows.map(({ name }) => name).toSorted()).toEqual(
    catalogue
      .filter(({ included }) => included)
      .map(({ name }) => name)
      .toSorted(),
  )
  for (const model of rows) {
    expect(model).toMatchObject({ visibility: "public", cover_upload: expect.stringMatching(/^[0-9a-f]{64}$/) })
    expect(model.description).toBe(findBundledModel(model.name)!.description)
    expect(await getReadme(null, bundledOwner, model.name)).toMatch(/\n## Licence\n/)
    const { openapi_schema } = await getVersion(null, bundledOwner, model.name, model.latest_version!.id)
    expect(JSON.parse(openapi_schema!)).toHaveProperty("components.schemas.Input.properties")
  }
})

test("a version is named by all that runs, and says which bundle it is", async () => {
  await publishAll()
  const [version] = (await listVersions(null, bundledOwner, "echo")).rows
  expect(version).toMatchObject({ id: echo().id, bundled: "echo", cog_version: "0.16.12" })
})

test("a second start changes nothing, and a bundle that changed is a new version", async () => {
  await publishAll()
  const before = await getModel(null, bundledOwner, "echo")
  await publishAll()
  expect(await getModel(null, bundledOwner, "echo")).toEqual(before)

  await publishBundle({ ...echo(), id: "f".repeat(64) })
  expect((await listVersions(null, bundledOwner, "echo")).rows.map(({ id }) => id)).toEqual(["f".repeat(64), echo().id])
  await publishAll()
  expect((await getModel(null, bundledOwner, "echo")).latest_version!.id).toBe(echo().id)
})

test("models that were published are there for nobody when the operator wants them no longer, and again when they do", async () => {
  await publishAll()
  await publishBundledModels()
  await expect(getModel(null, bundledOwner, "echo")).rejects.toMatchObject({ kind: "missing" })
  expect((await listModelsOf(null, (await findAccount(bundledOwner))!)).rows).toEqual([])
  await publishAll()
  expect(await getModel(null, bundledOwner, "echo")).toMatchObject({ visibility: "public" })
})

test("the first person is the administrator all the same", async () => {
  await publishAll()
  expect(await instanceIsNew()).toBe(true)
  expect(await addUser({ username: "first" })).toMatchObject({ is_admin: true })
  expect(await instanceIsNew()).toBe(false)
  expect(await addUser({ username: "second" })).toMatchObject({ is_admin: false })
})

test("an entry names the program and the folder it reads, and is null for what is not on this machine", () => {
  expect(bundledEntry("echo")).toEqual({
    file: path.resolve(".models/echo/model.cjs"),
    nodeArgs: [],
    readPaths: [path.resolve(".models/echo")],
  })
  expect(bundledEntry("../echo")).toBeNull()
})
