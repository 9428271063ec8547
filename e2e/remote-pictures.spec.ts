import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import sharp from "sharp"

import { Account } from "./account"
import { expect, test } from "./fixtures"

test("pictures of READMEs, covers and profiles come through this server, and a browser asks nobody else", async ({
  instance,
  openPage,
  playwright,
}) => {
  const picture = await sharp({ create: { width: 60, height: 40, channels: 3, background: "teal" } })
    .png()
    .toBuffer()
  const host = createServer((_request, response) => response.end(picture))
  await new Promise<void>((ready) => host.listen(0, "127.0.0.1", ready))
  const there = `http://127.0.0.1:${(host.address() as AddressInfo).port}`

  const { origin } = await instance({ FETCH_PRIVATE: "1" })
  const alice = await Account.open(playwright.request, origin, "alice")
  const page = await openPage({ baseURL: origin })
  await alice.signIn(page.context())
  const name = await alice.createModel()
  const headers = { authorization: `Bearer ${await alice.token()}` }
  await alice.request.patch(`/v1/models/alice/${name}`, {
    headers,
    data: { cover_image_url: `${there}/cover.png`, readme: `![A picture](${there}/readme.png)` },
  })

  const asked: string[] = []
  page.on("request", (request) => asked.push(request.url()))
  await page.goto(`/alice/${name}`)
  for (const alt of ["A picture", `Cover of alice/${name}`]) {
    const shown = page.getByRole("img", { name: alt })
    await expect(shown).toHaveAttribute("src", /^\/images\//)
    await shown.scrollIntoViewIfNeeded()
    await expect(shown).toHaveJSProperty("naturalWidth", 60)
  }
  await page.goto("/account")
  await page.getByLabel("Picture").fill(`${there}/me.png`)
  await page.getByRole("button", { name: "Save profile" }).click()
  await expect(page.getByText("Profile saved.")).toBeVisible()
  await page.goto("/alice")
  await expect(page.locator('header img[src^="/images/"]').first()).toHaveJSProperty("naturalWidth", 60)

  expect(asked.filter((url) => !url.startsWith(origin) && !url.startsWith("data:"))).toEqual([])
  await alice.request.dispose()
  host.close()
})
