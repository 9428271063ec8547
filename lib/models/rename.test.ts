import { describe, expect, test } from "vitest"

import { aModel, aName, anAccount, aVersion } from "@/lib/test/factories"
import { exploreModels } from "./explore"
import { createModel, deleteModel, getModel, updateModel } from "./model"
import { getReadme } from "./readme"
import { renameModel } from "./rename"
import { listVersions } from "@/lib/versions/version"

const missing = { kind: "missing", detail: "The requested resource could not be found." }

test("a renamed model is found under its new name, and under the old one too", async () => {
  const { actor } = await anAccount()
  const model = await aModel(actor, { name: "old" })
  await aVersion(actor, model)
  await updateModel(actor, actor.username, "old", { readme: "# hello" })

  expect(await renameModel(actor, actor.username, "old", { name: "new" })).toMatchObject({ id: model.id, name: "new" })
  for (const name of ["new", "old"]) {
    expect(await getModel(null, actor.username, name)).toMatchObject({ id: model.id, name: "new" })
    expect(await getReadme(null, actor.username, name)).toBe("# hello")
    expect((await listVersions(null, actor.username, name)).rows).toHaveLength(1)
  }
})

test("a change asked for by the old name is refused with the new one", async () => {
  const { actor } = await anAccount()
  const at = actor.username
  await aModel(actor, { name: "old", visibility: "private" })
  await renameModel(actor, at, "old", { name: "new" })

  const refusal = { kind: "missing", detail: `${at}/old was renamed to ${at}/new. Use that name to change it.` }
  await expect(updateModel(actor, at, "old", { description: "x" })).rejects.toMatchObject(refusal)
  await expect(renameModel(actor, at, "old", { name: "newer" })).rejects.toMatchObject(refusal)
  await expect(deleteModel(actor, at, "old")).rejects.toMatchObject(refusal)
  expect(await getModel(actor, at, "new")).toMatchObject({ description: null })
})

test("the old name can be used again by the same owner and then wins; the model that had it is found by its own", async () => {
  const { actor } = await anAccount()
  const first = await aModel(actor, { name: "old" })
  await renameModel(actor, actor.username, "old", { name: "new" })
  const second = await aModel(actor, { name: "old" })

  expect(await getModel(null, actor.username, "old")).toMatchObject({ id: second.id })
  expect(await getModel(null, actor.username, "new")).toMatchObject({ id: first.id })

  await renameModel(actor, actor.username, "old", { name: "newest" })
  expect(await getModel(null, actor.username, "old")).toMatchObject({ id: second.id, name: "newest" })
})

test("a private model under a public one's old name is not there: to strangers the old name leads on as before", async () => {
  const { actor } = await anAccount()
  await aModel(actor, { name: "old" })
  await renameModel(actor, actor.username, "old", { name: "new" })
  const secret = await aModel(actor, { name: "old", visibility: "private" })
  expect(await getModel(null, actor.username, "old")).toMatchObject({ name: "new" })
  expect(await getModel(actor, actor.username, "old")).toMatchObject({ id: secret.id })
})

test("back and forth and round in a circle always ends at the model", async () => {
  const { actor } = await anAccount()
  const { id } = await aModel(actor, { name: "a" })
  const names = ["b", "a", "b", "c", "a", "c", "b"]
  let now = "a"
  for (const name of names) {
    await renameModel(actor, actor.username, now, { name })
    now = name
    for (const any of ["b", now]) expect((await getModel(null, actor.username, any)).id).toBe(id)
  }
  expect((await getModel(null, actor.username, "a")).name).toBe("b")

  const other = await aModel(actor, { name: "a" })
  await renameModel(actor, actor.username, "b", { name: "x" })
  await renameModel(actor, actor.username, "a", { name: "b" })
  await renameModel(actor, actor.username, "x", { name: "a" })
  expect((await getModel(null, actor.username, "b")).id).toBe(other.id)
  expect((await getModel(null, actor.username, "a")).id).toBe(id)
})

describe("to a stranger a private model is not there", () => {
  test("under its old name, its new name and a name that never was, in the same words", async () => {
    const { actor } = await anAccount()
    const stranger = (await anAccount()).actor
    await aModel(actor, { name: "old", visibility: "private" })
    await renameModel(actor, actor.username, "old", { name: "new" })
    for (const name of ["old", "new", "never-was"])
      for (const who of [stranger, null])
        await expect(getModel(who, actor.username, name)).rejects.toMatchObject(missing)
    for (const name of ["old", "new", "never-was"])
      await expect(renameModel(stranger, actor.username, name, { name: "mine" })).rejects.toMatchObject(missing)
  })
})

test("only the owner renames", async () => {
  const { actor } = await anAccount()
  await aModel(actor, { name: "old" })
  await expect(renameModel((await anAccount()).actor, actor.username, "old", { name: "new" })).rejects.toMatchObject({
    kind: "forbidden",
  })
})

test("a name that is taken or will not do is refused at the field, and nothing moves", async () => {
  const { actor } = await anAccount()
  await aModel(actor, { name: "old" })
  await aModel(actor, { name: "taken" })
  await expect(renameModel(actor, actor.username, "old", { name: "taken" })).rejects.toMatchObject({
    kind: "conflict",
    fields: { name: expect.any(String) },
  })
  await expect(renameModel(actor, actor.username, "old", { name: "No good" })).rejects.toThrow(/valid name/)
  expect((await getModel(null, actor.username, "old")).name).toBe("old")
  await expect(renameModel(actor, actor.username, "old", { name: "old" })).resolves.toMatchObject({ name: "old" })
})

test("of many renames to one name at once exactly one succeeds", async () => {
  const { actor } = await anAccount()
  const models = await Promise.all(Array.from({ length: 12 }, () => aModel(actor)))
  const outcomes = await Promise.allSettled(
    models.map(({ name }) => renameModel(actor, actor.username, name, { name: "wanted" })),
  )
  expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(1)
  for (const outcome of outcomes)
    if (outcome.status === "rejected") expect(outcome.reason).toMatchObject({ kind: "conflict" })
})

test("a search finds a public model by its new name", async () => {
  const { actor } = await anAccount()
  const [old, renamed] = [aName("before"), aName("after")]
  await aModel(actor, { name: old })
  await renameModel(actor, actor.username, old, { name: renamed })
  expect((await exploreModels(null, { words: renamed })).rows.map(({ name }) => name)).toEqual([renamed])
  expect((await exploreModels(null, { words: old })).rows).toEqual([])
})

test("a model that is gone takes its old addresses with it", async () => {
  const { actor } = await anAccount()
  await aModel(actor, { name: "old", visibility: "private" })
  await renameModel(actor, actor.username, "old", { name: "new" })
  await deleteModel(actor, actor.username, "new")
  await expect(getModel(actor, actor.username, "old")).rejects.toMatchObject(missing)
  await expect(
    createModel(actor, { owner: actor.username, name: "old", visibility: "public", hardware: "cpu" }),
  ).resolves.toMatchObject({ name: "old" })
})
