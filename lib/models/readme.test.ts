import { eq } from "drizzle-orm"
import { expect, test } from "vitest"

import { read, write } from "@/db"
import { models } from "@/db/schema"
import { aModel, anAccount } from "@/lib/test/factories"
import { updateModel } from "./model"
import { getReadme, getReadmeHtml, renderMissingReadmes } from "./readme"

test("a README is rendered when it is saved, and goes when it is cleared", async () => {
  const { actor } = await anAccount()
  const { name } = await aModel(actor)
  expect(await getReadmeHtml(null, actor.username, name)).toBeNull()

  const { id } = await updateModel(actor, actor.username, name, { readme: "# Hello" })
  expect(await kept(id)).toBe('<h3 id="readme-hello">Hello</h3>\n')
  expect(await getReadmeHtml(null, actor.username, name)).toBe(await kept(id))

  await updateModel(actor, actor.username, name, { description: "Another" })
  expect(await kept(id)).toContain("Hello")
  await updateModel(actor, actor.username, name, { readme: null })
  expect([await getReadme(null, actor.username, name), await kept(id)]).toEqual([null, null])
})

test("one that was written before its HTML was kept is rendered once", async () => {
  const { actor } = await anAccount()
  const { name } = await aModel(actor)
  const { id } = await updateModel(actor, actor.username, name, { readme: "# Older" })
  const forget = () =>
    write(async (tx) => void (await tx.update(models).set({ readme_html: null }).where(eq(models.id, id))))

  await forget()
  expect(await getReadmeHtml(null, actor.username, name)).toContain("Older")
  expect(await kept(id)).toContain("Older")
  await forget()
  await renderMissingReadmes()
  expect(await kept(id)).toContain("Older")
})

async function kept(id: number) {
  const [row] = await read().select({ html: models.readme_html }).from(models).where(eq(models.id, id))
  return row!.html
}
