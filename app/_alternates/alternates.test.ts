import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { afterAll, beforeAll, expect, test } from "vitest"

import { addToCollection, createCollection } from "@/lib/collections/collection"
import { updateModel } from "@/lib/models/model"
import { pageBytes } from "@/lib/page"
import { addExample } from "@/lib/predictions/example"
import { aModel, anAccount, anAdministrator, aVersion } from "@/lib/test/factories"
import { aRun } from "@/lib/test/runs"
import { answerAlternate } from "./alternates"

const server = createServer(async (request, response) => {
  if (!(await answerAlternate(request, response))) response.writeHead(404).end("the page")
})
let origin: string

beforeAll(async () => {
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready))
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => void server.close())

const get = async (path: string) => {
  const response = await fetch(origin + path)
  return { status: response.status, type: response.headers.get("content-type"), text: await response.text() }
}

test("a public model has an alternate for programs and one to read", async () => {
  const { actor } = await anAccount()
  await aModel(actor, { name: "hotdog", description: "Is it *really* one?\n<b>" })
  await updateModel(actor, actor.username, "hotdog", { readme: "# How to use it" })

  const json = await get(`/${actor.username}/hotdog.json`)
  expect(json.type).toBe("application/json; charset=utf-8")
  expect(JSON.parse(json.text)).toMatchObject({
    url: `${origin}/${actor.username}/hotdog`,
    name: "hotdog",
    latest_version: null,
  })

  const markdown = await get(`/${actor.username}/hotdog.md`)
  expect(markdown.type).toBe("text/markdown; charset=utf-8")
  expect(markdown.text).toContain(`# ${actor.username}/hotdog`)
  expect(markdown.text).toContain("Is it \\*really\\* one? \\<b\\>")
  expect(markdown.text).toContain("# How to use it")
})

test("profiles, the list, the front page and the prices have alternates too", async () => {
  const { actor } = await anAccount()
  await aModel(actor, { name: "seen" })
  await aModel(actor, { name: "hidden", visibility: "private" })

  for (const path of [`/${actor.username}`, "/explore", "/index"]) {
    expect((await get(`${path}.md`)).text, path).toContain(`${actor.username}/seen`)
    expect((await get(`${path}.json`)).text, path).not.toContain("hidden")
  }
  expect((await get("/pricing.md")).text).toContain(
    "| Nvidia T4 GPU | gpu-t4 | 16 GB | 16 GB | 4 | $0.000225 | $0.81 |",
  )
})

test("collections have alternates, with the public models in them", async () => {
  const { actor } = await anAccount()
  const admin = await anAdministrator()
  const { name } = await aModel(actor)
  const { slug } = await createCollection(admin, {
    slug: "picked",
    name: "Picked *by hand*",
    full_description: "Start with the **first**.",
  })
  await addToCollection(admin, slug, actor.username, name)

  expect(JSON.parse((await get("/collections/picked.json")).text)).toMatchObject({ slug, models: [{ name }] })
  const markdown = (await get("/collections/picked.md")).text
  for (const part of ["# Picked \\*by hand\\*", `${actor.username}/${name}`, "Start with the **first**."])
    expect(markdown).toContain(part)
  expect((await get("/collections.md")).text).toContain(`(${origin}/collections/picked)`)
  await updateModel(actor, actor.username, name, { visibility: "private" })
  for (const form of ["md", "json"]) expect((await get(`/collections/picked.${form}`)).text).not.toContain(name)
  expect((await get("/collections/never.json")).text).toBe("the page")
})

test("alternates of many large models are no larger than a page", async () => {
  const { actor } = await anAccount()
  const admin = await anAdministrator()
  const { slug } = await createCollection(admin, { slug: "large", name: "Large", full_description: "" })
  const openapi_schema = { components: { schemas: { Input: { description: "x".repeat(250_000) } } } }
  for (let n = 0; n < 12; n++) {
    const model = await aModel(actor)
    await aVersion(actor, model, { openapi_schema })
    await addToCollection(admin, slug, actor.username, model.name)
  }
  for (const path of ["/explore", "/index", `/${actor.username}`, "/collections/large"]) {
    const json = await get(`${path}.json`)
    expect((JSON.parse(json.text) as { models: unknown[] }).models.length, path).toBeGreaterThan(1)
    expect(json.text.length, path).toBeLessThan(1.5 * pageBytes)
    expect((await get(`${path}.md`)).text.length, path).toBeLessThan(20_000)
  }
})

test("an example whose input is nested deeply is not blown up by blanks", async () => {
  const { actor } = await anAccount()
  const model = await aModel(actor)
  const nested = Array.from({ length: 2000 }, () => JSON.parse("[".repeat(58) + "]".repeat(58)) as unknown)
  const run = await aRun(actor, { model_id: model.id, status: "succeeded", input: { nested } })
  await addExample(actor, model.owner, model.name, run.id)
  const { text } = await get(`/${model.owner}/${model.name}.json`)
  expect(text.length).toBeLessThan(pageBytes)
  expect(JSON.parse(text)).toMatchObject({ default_example: { input: { nested } } })
})

test("a private model has no alternate, exactly like one that never was", async () => {
  const { actor } = await anAccount()
  await aModel(actor, { name: "hidden", visibility: "private" })
  for (const form of ["md", "json"])
    expect(await get(`/${actor.username}/hidden.${form}`)).toEqual(await get(`/${actor.username}/never.${form}`))
})

test("a model whose name ends like an alternate keeps its own page", async () => {
  const { actor } = await anAccount()
  await aModel(actor, { name: "notes" })
  await aModel(actor, { name: "notes.md" })
  expect((await get(`/${actor.username}/notes.md`)).text).toBe("the page")
  expect((await get(`/${actor.username}/notes.json`)).status).toBe(200)
})

test.each(["/x.txt", "/a/b/c.md", "/%2e%2e/x.md", "/nobody-here.json", "/"])("%s is no alternate", async (path) => {
  expect((await get(path)).text).toBe("the page")
})
