import { get, type ClientRequest } from "node:http"

import { cogLabels, schema } from "./images"
import { expect, test } from "./fixtures"
import { plainPush } from "./plain-push"

test("versions are listed, compared and deleted", async ({ page, alice, baseURL }) => {
  const name = await alice.createModel({ visibility: "private" })
  const repo = `${alice.username}/${name}`
  const token = await alice.token()
  const first = await plainPush(baseURL!, repo, alice.username, token)
  const changed = structuredClone(schema) as {
    components: { schemas: { Input: { properties: Record<string, object> } } }
  }
  changed.components.schemas.Input.properties = {
    prompt: { type: "string" },
    width: { type: "integer", minimum: 64, maximum: 512 },
  }
  const second = await plainPush(
    baseURL!,
    repo,
    alice.username,
    token,
    cogLabels({ "run.cog.openapi_schema": JSON.stringify(changed) }),
  )

  await page.goto(`/${repo}`)
  await page.getByRole("link", { name: "Versions", exact: true }).click()
  await expect(page.getByRole("row", { name: new RegExp(second.id.slice(0, 12)) })).toContainText("012345678")
  await page.getByRole("button", { name: "Compare" }).click()
  await expect(page.getByText("2 breaking changes")).toBeVisible()
  const images = page.getByRole("region", { name: "Images of both versions" })
  await expect(images.getByRole("row", { name: /^Size/ })).toContainText(/bytes|kB/)
  await expect(images.getByRole("row", { name: /^Cog version/ })).toContainText(/\d+\.\d+/)
  await expect(images.getByRole("row", { name: /^Built for/ })).toContainText("PU")
  await expect(page.getByRole("row", { name: /scheduler/ })).toContainText("was removed.")

  await page.goto(`/${repo}/versions/${first.id}`)
  await page.getByRole("checkbox", { name: "I want to delete this version" }).check()
  await page.getByRole("button", { name: "Delete this version" }).click()
  await expect(page.getByText("Version deleted.")).toBeVisible()
  await expect(page.getByRole("link", { name: first.id.slice(0, 12) })).toHaveCount(0)
})

test("a stranger sees the versions of a public model only, and nobody's push", async ({
  alice,
  bob,
  openPage,
  baseURL,
}) => {
  const token = await alice.token()
  const [open, hidden] = [
    await alice.createModel({ visibility: "public" }),
    await alice.createModel({ visibility: "private" }),
  ]
  const pushed = await Promise.all(
    [open, hidden].map((name) => plainPush(baseURL!, `${alice.username}/${name}`, alice.username, token)),
  )
  const page = await openPage({ as: bob })
  await page.goto(`/${alice.username}/${open}/versions/${pushed[0]!.id}`)
  await expect(page.getByRole("region", { name: "Inputs" })).toBeVisible()
  await expect(page.getByRole("button", { name: "Delete this version" })).toHaveCount(0)
  for (const path of [
    `${hidden}/versions`,
    `${hidden}/versions/${pushed[1]!.id}`,
    `${hidden}/versions/compare?from=${pushed[1]!.id}&to=${pushed[1]!.id}`,
  ])
    expect((await page.request.get(`/${alice.username}/${path}`)).status()).toBe(404)
  for (const name of [open, hidden])
    expect([403, 404]).toContain((await page.request.get(`/api/web/pushes/${alice.username}/${name}`)).status())
})

test("a version that can only be trained says so, shows what training takes, and offers no run", async ({
  page,
  alice,
  baseURL,
}) => {
  const name = await alice.createModel({ visibility: "private" })
  const repo = `${alice.username}/${name}`
  const schemas = {
    TrainingInput: { type: "object", properties: { images: { type: "string", format: "uri" } }, required: ["images"] },
    TrainingOutput: { type: "object", properties: { weights: { type: "string", format: "uri" } } },
  }
  const labels = cogLabels({
    "run.cog.openapi_schema": JSON.stringify({ openapi: "3.0.2", info: {}, components: { schemas } }),
  })
  const { id } = await plainPush(baseURL!, repo, alice.username, await alice.token(), labels)
  for (const path of [`/${repo}`, `/${repo}/versions/${id}`]) {
    await page.goto(path)
    await expect(page.getByText("This version can be trained, but not run")).toBeVisible()
    await expect(page.getByRole("region", { name: "Training inputs" })).toContainText("images")
    await expect(page.getByRole("heading", { name: "Run", exact: true })).toHaveCount(0)
  }
})

test("numbers beyond what JavaScript counts are shown as they were pushed", async ({ page, alice, baseURL }) => {
  const name = await alice.createModel({ visibility: "private" })
  const repo = `${alice.username}/${name}`
  const seed = '{"type":"integer","default":9223372036854775807,"maximum":18446744073709551615}'
  const labels = cogLabels({
    "run.cog.openapi_schema": `{"openapi":"3.0.2","components":{"schemas":{"Input":{"type":"object","properties":{"seed":${seed}}}}}}`,
  })
  const { id } = await plainPush(baseURL!, repo, alice.username, await alice.token(), labels)
  await page.goto(`/${repo}/versions/${id}`)
  const inputs = page.getByRole("region", { name: "Inputs" })
  await expect(inputs).toContainText("9223372036854775807")
  await expect(inputs).toContainText("18446744073709551615")
  await page.locator("summary", { hasText: "Schema" }).click()
  await expect(page.getByText('"maximum": 18446744073709551615').first()).toBeVisible()
})

test("somebody who is signed in has fifty event streams at once, and no more", async ({
  page,
  alice,
  baseURL,
  noise,
}) => {
  // The page asks for a stream, too, perhaps after all others.
  noise.allow(/status of 429 .*\/api\/web\/pushes\//)
  const name = await alice.createModel()
  await page.goto(`/${alice.username}/${name}`)
  const cookie = (await page.context().cookies()).map(({ name, value }) => `${name}=${value}`).join("; ")
  const opened: ClientRequest[] = []
  const open = () =>
    new Promise<number>((resolve, reject) => {
      const url = `${baseURL}/api/web/pushes/${alice.username}/${name}`
      const asked = get(url, { agent: false, headers: { cookie, accept: "text/event-stream" } }, (answer) =>
        resolve(answer.resume().statusCode!),
      )
      opened.push(asked.once("error", reject))
    })
  // The open page may use one of the streams.
  const statuses = await Promise.all(Array.from({ length: 400 }, open))
  expect(statuses.filter((status) => status === 200).length).toBeGreaterThanOrEqual(49)
  expect(statuses.filter((status) => status === 200).length).toBeLessThanOrEqual(50)
  expect(statuses.filter((status) => status !== 200 && status !== 429)).toEqual([])
  for (const one of opened)
    one
      .removeAllListeners("error")
      .on("error", () => {})
      .destroy()
  // The slots are free again.
  await expect(async () => expect(await open()).toBe(200)).toPass()
  for (const one of opened) one.destroy()
})
