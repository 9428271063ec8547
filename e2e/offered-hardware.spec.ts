import { expect, test, type Page } from "./fixtures"
import { credentials } from "./forms"

const main = (page: Page) => page.getByRole("main")

test("every page with hardware says which of it no runner offers", async ({ instance, openPage }) => {
  // The server's own runner offers processors, and no GPU.
  const server = await instance({ RUN_CPUS: "8", RUN_MEMORY: "16" })
  const page = await openPage({ baseURL: server.origin })
  await page.goto(`/signup?next=${encodeURIComponent("/create?name=painter")}`)
  await credentials(page).fill("first", "correct horse battery")
  await credentials(page).createAccount.click()
  await page.waitForURL(/\/create/)

  await page.goto("/account/api-tokens")
  await main(page).getByLabel("Name").fill("test")
  await main(page).getByRole("button", { name: "Create token", exact: true }).click()
  const token = (await main(page).getByRole("region", { name: "Created token" }).textContent())!.trim()
  const headers = { authorization: `Bearer ${token}` }
  await expect
    .poll(async () => (await (await page.request.get("/v1/hardware", { headers })).json()) as object[])
    .toEqual(
      expect.arrayContaining([
        expect.objectContaining({ sku: "cpu", available: true }),
        expect.objectContaining({ sku: "gpu-t4", available: false }),
      ]),
    )

  await page.goto("/create?name=painter")
  const about = (sku: string) => page.locator(`#hardware-${sku}-about`)
  await expect(about("gpu-t4")).toContainText("no runner available")
  await expect(about("cpu")).not.toContainText("no runner available")
  await page.getByRole("radio", { name: "CPU", exact: true }).check()
  await main(page).getByRole("button", { name: "Create model" }).first().click()
  await page.waitForURL("/first/painter")

  await page.goto("/first/painter/settings")
  const sentence = main(page).getByText("No runner offers Nvidia T4 GPU now. Predictions wait until one does.")
  await expect(sentence).toHaveCount(0)
  await main(page).getByRole("combobox", { name: "Runs on" }).selectOption("gpu-t4")
  await expect(sentence).toBeVisible()

  await page.goto("/pricing")
  await expect(main(page).getByRole("row", { name: /Nvidia T4 GPU/ })).toContainText("no runner available")
  await expect(main(page).getByRole("row", { name: /^CPU cpu / })).not.toContainText("no runner available")

  await page.goto("/deployments/create")
  const option = (sku: string) => main(page).locator(`select[name="hardware"] option[value="${sku}"]`)
  await expect(option("gpu-t4")).toContainText("(no runner offers it now)")
  await expect(option("cpu")).not.toContainText("no runner")
})
