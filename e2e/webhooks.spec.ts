import { expect, test } from "./fixtures"
import { remember } from "./secrets"

const away = "http://127.0.0.1:9/hook"

for (const scripts of [true, false])
  test.describe(scripts ? "with scripts" : "without scripts", () => {
    test.use({ javaScriptEnabled: scripts })
    if (!scripts) test.beforeEach(({ noise }) => noise.allow(/^failed: GET .*\/_next\/static\/chunks\/\S+\.js csp$/))

    test("the signing secret is shown when asked and rotated, and is in no page before", async ({ page, alice }) => {
      await page.goto("/account/webhooks")
      const main = page.getByRole("main")
      const shown = main.getByRole("region", { name: "Secret", exact: true })
      expect(await page.content()).not.toContain("whsec_")
      await main.getByRole("button", { name: "Show secret" }).click()
      await expect(shown).toHaveText(/^whsec_[A-Za-z0-9+/]{32}$/)
      const before = remember("webhook secret", await shown.innerText())

      await main.getByRole("button", { name: "Rotate secret" }).click()
      await expect(main.getByRole("status").filter({ hasText: "Secret rotated" })).toBeVisible()
      await expect(main).toContainText("The previous secret is valid until")
      const after = remember("webhook secret", await shown.innerText())
      expect(after).not.toBe(before)
      const answer = await alice.request.get("/v1/webhooks/default/secret", {
        headers: { authorization: `Bearer ${await alice.token()}` },
      })
      expect(await answer.json()).toEqual({ key: after })
    })

    test("a test tells what became of it, is listed, and is sent again", async ({ page, alice }) => {
      await page.goto("/account/webhooks")
      const main = page.getByRole("main")
      await expect(main).toContainText("No deliveries yet")
      const url = main.getByLabel("URL", { exact: true })
      await url.fill("ftp://example.com")
      await main.getByRole("button", { name: "Send test" }).click()
      await expect(url).toHaveAccessibleDescription(/starts with https:\/\//)
      await url.fill(away)
      await main.getByRole("button", { name: "Send test" }).click()
      await expect(main.getByRole("status").filter({ hasText: "127.0.0.1 is not a public address" })).toBeVisible()

      const row = main.getByRole("row", { name: new RegExp(away) })
      await expect(row).toContainText("Failed")
      await expect(row.getByRole("cell").nth(1)).toHaveText("1")
      await row.getByRole("button", { name: /^Send test of .* again$/ }).click()
      await expect(main.getByRole("status").filter({ hasText: "Sent again" })).toBeVisible()
      await expect(row.getByRole("cell").nth(1)).toHaveText("2")
      expect(alice.username).toBeTruthy()
    })
  })
