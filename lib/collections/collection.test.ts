import { beforeAll, describe, expect, test } from "vitest"

import type { Actor } from "@/lib/auth/actor"
import { listInstallationEvents } from "@/lib/events/list"
import { deleteModel, updateModel } from "@/lib/models/model"
import { aModel, aName, anAccount } from "@/lib/test/factories"
import {
  addToCollection,
  createCollection,
  deleteCollection,
  getCollection,
  listCollections,
  listCollectionsWithCounts,
  moveInCollection,
  removeFromCollection,
  searchCollections,
  updateCollection,
} from "./collection"

let admin: Actor
let alice: Actor

beforeAll(async () => {
  admin = (await anAccount()).actor
  alice = (await anAccount()).actor
})

const aCollection = (fields: { slug?: string; name?: string; description?: string } = {}) =>
  createCollection(admin, { slug: aName("collection"), name: "Image editing", ...fields })

const namesIn = async (slug: string) => (await getCollection(slug)).models.map(({ name }) => name)

test("the first account is the administrator, and only administrators curate", async () => {
  const { slug } = await aCollection()
  const { name } = await aModel(alice)
  for (const attempt of [
    () => createCollection(alice, { slug: "mine", name: "Mine" }),
    () => updateCollection(alice, slug, { name: "Mine" }),
    () => deleteCollection(alice, slug),
    () => addToCollection(alice, slug, alice.username, name),
    () => removeFromCollection(alice, slug, alice.username, name),
    () => moveInCollection(alice, slug, alice.username, name, "up"),
  ])
    await expect(attempt()).rejects.toMatchObject({ kind: "forbidden" })
})

test("a collection can be read back, changed and deleted", async () => {
  const { slug } = await aCollection({ description: " For pictures " })
  expect(await getCollection(slug)).toMatchObject({
    name: "Image editing",
    description: "For pictures",
    full_description: null,
    models: [],
  })

  const moved = aName("moved")
  await updateCollection(admin, slug, { slug: moved, full_description: "# All of them" })
  expect(await getCollection(moved)).toMatchObject({
    name: "Image editing",
    description: "For pictures",
    full_description: "# All of them",
  })
  await expect(getCollection(slug)).rejects.toMatchObject({ kind: "missing" })

  await deleteCollection(admin, moved)
  await expect(getCollection(moved)).rejects.toMatchObject({ kind: "missing" })
})

test("a slug is unique and well-formed", async () => {
  const [first, second] = [await aCollection(), await aCollection()]
  await expect(aCollection({ slug: first.slug })).rejects.toMatchObject({
    kind: "conflict",
    fields: { slug: expect.any(String) },
  })
  await expect(updateCollection(admin, second.slug, { slug: first.slug })).rejects.toMatchObject({ kind: "conflict" })
  await expect(updateCollection(admin, second.slug, { slug: second.slug })).resolves.toMatchObject({
    slug: second.slug,
  })
  for (const slug of ["", "A", "-a", "a-", "a/b", "a b", "\0", "new"])
    await expect(aCollection({ slug })).rejects.toThrow()
})

describe("its models", () => {
  test("are shown in the order they were added, each once", async () => {
    const { slug } = await aCollection()
    const [a, b] = [await aModel(alice), await aModel(alice)]
    for (const { name } of [b, a, b]) await addToCollection(admin, slug, alice.username, name)
    expect(await namesIn(slug)).toEqual([b.name, a.name])
    await removeFromCollection(admin, slug, alice.username, b.name)
    expect(await namesIn(slug)).toEqual([a.name])
  })

  test("are public: a private one cannot be added, and one that turns private is not shown", async () => {
    const { slug } = await aCollection({ description: aName("turning") })
    const own = await aModel(admin, { visibility: "private" })
    const hidden = await aModel(alice, { visibility: "private" })
    const { name } = await aModel(alice)
    await expect(addToCollection(admin, slug, admin.username, own.name)).rejects.toMatchObject({ kind: "invalid" })
    await expect(addToCollection(admin, slug, alice.username, hidden.name)).rejects.toMatchObject({ kind: "missing" })

    await addToCollection(admin, slug, alice.username, name)
    await updateModel(alice, alice.username, name, { visibility: "private" })
    expect(await namesIn(slug)).toEqual([])
    expect((await searchCollections(slug))[0]!.models).toEqual([])
    await updateModel(alice, alice.username, name, { visibility: "public" })
    expect(await namesIn(slug)).toEqual([name])
  })

  test("can be moved up, down, to the front and to the end", async () => {
    const { slug } = await aCollection()
    const [a, b, c] = [await aModel(alice), await aModel(alice), await aModel(alice)]
    for (const { name } of [a, b, c]) await addToCollection(admin, slug, alice.username, name)
    const after = async ({ name }: { name: string }, move: "first" | "up" | "down" | "last") => {
      await moveInCollection(admin, slug, alice.username, name, move)
      return (await namesIn(slug)).map((name) => [a, b, c].findIndex((model) => model.name === name)).join("")
    }
    expect(await after(c, "up")).toBe("021")
    expect(await after(c, "up")).toBe("201")
    expect(await after(c, "up")).toBe("201")
    expect(await after(c, "last")).toBe("012")
    expect(await after(a, "down")).toBe("102")
    expect(await after(c, "first")).toBe("210")
    const elsewhere = await aModel(alice)
    expect(await after(elsewhere, "first")).toBe("210")
    await addToCollection(admin, slug, alice.username, elsewhere.name)
    expect((await namesIn(slug)).at(-1)).toBe(elsewhere.name)
  })

  test("that turned private keep their place while others move, and are not counted", async () => {
    const { slug } = await aCollection({ name: "aaa counted" })
    const [a, b, c] = [await aModel(alice), await aModel(alice), await aModel(alice)]
    for (const { name } of [a, b, c]) await addToCollection(admin, slug, alice.username, name)
    const counted = async () => (await listCollectionsWithCounts()).rows.find((row) => row.slug === slug)!.models
    expect(await counted()).toBe(3)
    await updateModel(alice, alice.username, b.name, { visibility: "private" })
    expect(await counted()).toBe(2)
    await expect(moveInCollection(admin, slug, alice.username, b.name, "first")).rejects.toMatchObject({
      kind: "missing",
    })
    await moveInCollection(admin, slug, alice.username, c.name, "up")
    await updateModel(alice, alice.username, b.name, { visibility: "public" })
    expect(await namesIn(slug)).toEqual([c.name, b.name, a.name])
  })

  test("leave with their deletion, and do not come back with their name", async () => {
    const { slug } = await aCollection()
    const { name } = await aModel(alice)
    await addToCollection(admin, slug, alice.username, name)
    await updateModel(alice, alice.username, name, { visibility: "private" })
    await deleteModel(alice, alice.username, name)
    await aModel(alice, { name })
    expect(await namesIn(slug)).toEqual([])
  })

  test("outlive the collection", async () => {
    const { slug } = await aCollection()
    const { name } = await aModel(alice)
    await addToCollection(admin, slug, alice.username, name)
    await deleteCollection(admin, slug)
    await expect(aModel(alice, { name })).rejects.toMatchObject({ kind: "conflict" })
  })
})

test("the list is by name, in pages, both ways", async () => {
  const names = Array.from({ length: 7 }, (_, n) => `zz-${n}`)
  for (const name of [...names].sort(() => -1)) await aCollection({ name })
  const seen: string[] = []
  let page = await listCollections(undefined, 3)
  for (;;) {
    seen.push(...page.rows.map(({ name }) => name))
    if (!page.next) break
    page = await listCollections(page.next, 3)
  }
  expect(seen.slice(-7)).toEqual(names)
  expect((await listCollections(page.previous!, 3)).rows.map(({ name }) => name)).toEqual(
    seen.slice(seen.length - page.rows.length - 3, seen.length - page.rows.length),
  )
})

test("a search needs every word to begin one in slug, name or description", async () => {
  const word = aName("upscale").replace("-", "")
  const { slug } = await aCollection({ name: `${word} images`, description: "Make them larger" })
  const { name } = await aModel(alice)
  await addToCollection(admin, slug, alice.username, name)

  expect(await searchCollections(`${word.slice(0, -1)} larg`)).toMatchObject([
    { slug, models: [`${alice.username}/${name}`] },
  ])
  for (const query of [`${word} smaller`, "", "🦓"]) expect(await searchCollections(query)).toEqual([])
})

test("every edit of a collection leaves an audit event, and one that changes nothing leaves none", async () => {
  const { slug } = await aCollection()
  const { actor: alice } = await anAccount()
  const first = await aModel(alice)
  const second = await aModel(alice)
  for (const { name } of [first, second, second]) await addToCollection(admin, slug, alice.username, name)
  await moveInCollection(admin, slug, alice.username, second.name, "first")
  await moveInCollection(admin, slug, alice.username, second.name, "first")
  await updateCollection(admin, slug, { description: "Another" })
  await removeFromCollection(admin, slug, alice.username, first.name)
  await removeFromCollection(admin, slug, alice.username, first.name)
  await deleteCollection(admin, slug)

  const { rows } = await listInstallationEvents(admin, { topic: "collections" })
  const own = rows.filter(({ subject }) => subject === slug).reverse()
  expect(own.map(({ action, details }) => [action.replace("collection.", ""), details])).toEqual([
    ["created", {}],
    ["model_added", { model: `${alice.username}/${first.name}` }],
    ["model_added", { model: `${alice.username}/${second.name}` }],
    ["arranged", { model: `${alice.username}/${second.name}`, move: "first" }],
    ["updated", { description: "changed" }],
    ["model_removed", { model: `${alice.username}/${first.name}` }],
    ["deleted", {}],
  ])
})
