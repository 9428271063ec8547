import { createHash, randomBytes } from "node:crypto"

import { cogLabels, schema } from "./images"
import { expect, test } from "./fixtures"

const sha256 = (content: string | Buffer) => `sha256:${createHash("sha256").update(content).digest("hex")}`

/** Pushes an image with nothing but fetch, and answers its version and what the registry said. */
async function push(origin: string, repo: string, username: string, token: string, labels = cogLabels()) {
  const headers = { authorization: `Basic ${Buffer.from(`${username}:${token}`).toString("base64")}` }
  const blob = async (content: string | Buffer) => {
    const begun = await fetch(`${origin}/v2/${repo}/blobs/uploads/`, { method: "POST", headers })
    await fetch(`${origin}${begun.headers.get("location")}?digest=${sha256(content)}`, { method: "PUT", headers, body: new Uint8Array(Buffer.from(content)) })
    return { digest: sha256(content), size: Buffer.byteLength(content) }
  }
  const config = await blob(JSON.stringify({ config: { Labels: labels } }))
  const layer = await blob(randomBytes(500_000))
  const mediaType = "application/vnd.oci.image.manifest.v1+json"
  const body = JSON.stringify({
    schemaVersion: 2, mediaType, config: { mediaType: "application/vnd.oci.image.config.v1+json", ...config },
    layers: [{ mediaType: "application/vnd.oci.image.layer.v1.tar+gzip", ...layer }],
  })
  const { status } = await fetch(`${origin}/v2/${repo}/manifests/latest`, { method: "PUT", headers: { ...headers, "content-type": mediaType }, body })
  return { status, id: sha256(body).slice(7) }
}

test("the empty page makes a token, ticks along with the push and explains a refusal", async ({ page, alice, baseURL }) => {
  const name = await alice.createModel({ visibility: "private" })
  const repo = `${alice.username}/${name}`
  await page.goto(`/${repo}`)
  await page.getByRole("button", { name: "Make a token for this model" }).click()
  const token = (await page.getByRole("region", { name: "The push token" }).innerText()).trim()
  expect(token).toMatch(/^us_\w{37}$/)

  const steps = page.getByRole("list", { name: "Progress of the push" })
  await expect(steps).toContainText("Waiting for the first byte")
  expect((await push(baseURL!, repo, alice.username, token, {})).status).toBe(400)
  await expect(page.getByText("The image has no label run.cog.openapi_schema")).toBeVisible()

  const { status, id } = await push(baseURL!, repo, alice.username, token)
  expect(status).toBe(201)
  await expect(steps).toContainText("Schema found: 3 inputs")
  await steps.getByRole("link", { name: `Version ${id.slice(0, 12)} is made` }).click()
  await expect(page).toHaveURL(new RegExp(`/versions/${id}$`))

  const inputs = page.getByRole("region", { name: "Inputs" })
  await expect(inputs.getByRole("row", { name: /^prompt/ })).toContainText("What to draw")
  await expect(inputs.getByRole("row", { name: /^width/ })).toContainText("64 to 1024")
  await expect(inputs.getByRole("row", { name: /^scheduler/ })).toContainText("DDIM, K_EULER")
  await expect(page.getByText("List of files")).toBeVisible()
})

test("versions are listed, compared and deleted", async ({ page, alice, baseURL }) => {
  const name = await alice.createModel({ visibility: "private" })
  const repo = `${alice.username}/${name}`
  const token = await alice.token()
  const first = await push(baseURL!, repo, alice.username, token)
  const changed = structuredClone(schema) as { components: { schemas: { Input: { properties: Record<string, object> } } } }
  changed.components.schemas.Input.properties = { prompt: { type: "string" }, width: { type: "integer", minimum: 64, maximum: 512 } }
  const second = await push(baseURL!, repo, alice.username, token, cogLabels({ "run.cog.openapi_schema": JSON.stringify(changed) }))

  await page.goto(`/${repo}`)
  await page.getByRole("link", { name: "Versions", exact: true }).click()
  await expect(page.getByRole("row", { name: new RegExp(second.id.slice(0, 12)) })).toContainText("012345678")
  await page.getByRole("button", { name: "Compare what they take and give" }).click()
  await expect(page.getByText("2 changes break callers")).toBeVisible()
  await expect(page.getByRole("row", { name: /scheduler/ })).toContainText("is gone.")

  await page.goto(`/${repo}/versions/${first.id}`)
  await page.getByRole("checkbox", { name: "I want to delete this version" }).check()
  await page.getByRole("button", { name: "Delete this version" }).click()
  await expect(page.getByText("The version is gone.")).toBeVisible()
  await expect(page.getByRole("link", { name: first.id.slice(0, 12) })).toHaveCount(0)
})

test("a stranger sees the versions of a public model only, and nobody's push", async ({ alice, bob, openPage, baseURL }) => {
  const token = await alice.token()
  const [open, hidden] = [await alice.createModel({ visibility: "public" }), await alice.createModel({ visibility: "private" })]
  const pushed = await Promise.all([open, hidden].map((name) => push(baseURL!, `${alice.username}/${name}`, alice.username, token)))
  const page = await openPage({ as: bob })
  await page.goto(`/${alice.username}/${open}/versions/${pushed[0]!.id}`)
  await expect(page.getByRole("region", { name: "Inputs" })).toBeVisible()
  await expect(page.getByRole("button", { name: "Delete this version" })).toHaveCount(0)
  for (const path of [`${hidden}/versions`, `${hidden}/versions/${pushed[1]!.id}`, `${hidden}/versions/compare?from=${pushed[1]!.id}&to=${pushed[1]!.id}`])
    expect((await page.request.get(`/${alice.username}/${path}`)).status()).toBe(404)
  for (const name of [open, hidden]) expect([403, 404]).toContain((await page.request.get(`/api/web/pushes/${alice.username}/${name}`)).status())
})
