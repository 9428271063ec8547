import { expect, test } from "vitest"

import { listPublicModels, listPublicNames } from "@/lib/models/model"
import { aModel, anAccount, aName, aVersion } from "@/lib/test/factories"
import { sitemapEntries } from "./sitemap-entries"

test("the sitemap of large models lists their names and reads nothing else of them", async () => {
  const { actor } = await anAccount()
  const word = aName("large")
  const openapi_schema = { components: { schemas: { Input: { description: "x".repeat(250_000) } } } }
  for (let n = 0; n < 3; n++) await aVersion(actor, await aModel(actor, { name: `${word}-${n}` }), { openapi_schema })
  await aModel(actor, { name: `${word}-hidden`, visibility: "private" })

  const urls = (await sitemapEntries("http://here.example")).map(({ url }) => new URL(url).pathname)
  expect(urls.filter((url) => url.includes(word)).sort()).toEqual(
    [0, 1, 2].map((n) => `/${actor.username}/${word}-${n}`),
  )
  expect(urls).toContain(`/${actor.username}`)
  for (const row of (await listPublicNames(undefined, 1000)).rows)
    expect(Object.keys(row).sort()).toEqual(["at", "id", "name", "owner", "updated_at"])
})

test("a page of Explore reads none of the long texts of models", async () => {
  const { rows } = await listPublicModels()
  expect(rows.length).toBeGreaterThan(2)
  for (const row of rows) expect(JSON.stringify(row).length).toBeLessThan(5000)
})
