import { createForm, expectComplaint } from "./forms"
import { expect, test } from "./fixtures"

test("of a value that comes twice the first counts, and none of it is an error page", async ({ page, alice }) => {
  const answer = await page.goto(
    "/create?name=first&name=second&visibility=public&visibility=private&hardware=cpu&hardware=gpu-t4&owner=a&owner=b",
  )
  expect(answer!.status()).toBe(200)
  const form = createForm(page)
  await expect(form.name).toHaveValue("first")
  await expect(form.publicly).toBeChecked()
  await expect(form.hardwareNamed("CPU")).toBeChecked()
  await expect(form.owner).toHaveValue(alice.username)
})

test("values of 5 kB are explained at their fields, or cut where they are quoted", async ({ page, alice }) => {
  for (const field of ["name", "description", "github_url", "owner", "visibility", "hardware"]) {
    const answer = await page.goto(`/create?${field}=${"x".repeat(5000)}`)
    expect(answer!.status(), field).toBe(200)
  }
  await expect(page.getByRole("main")).toContainText(/There is no hardware named “x{60}…”/)

  await page.goto(`/create?github_url=https://example.com/${"x".repeat(5000)}&description=${"x".repeat(5000)}`)
  await expectComplaint(createForm(page).link("GitHub URL"), /at most 2,000 characters/)
  await expectComplaint(createForm(page).description, /at most 500 characters/)
  await expect(createForm(page).owner).toHaveValue(alice.username)
})

test("markup, quotes and control characters in the address stay text", async ({ page, alice }) => {
  const odd = `"><script>alert(1)</script>&amp;'\u0000\u0007%`
  const answer = await page.goto(
    `/create?${new URLSearchParams({ description: odd, name: odd, owner: odd, hardware: odd, paper_url: `javascript:${odd}` })}`,
  )
  expect(answer!.status()).toBe(200)
  await expect(createForm(page).description).toHaveValue(/"><script>alert\(1\)<\/script>&amp;'/)
  await expectComplaint(createForm(page).link("Paper URL"), /starts with https/)
  await expect(createForm(page).owner).toHaveValue(alice.username)
})

test("a visitor who follows a pre-filled link finds it filled in after signing in", async ({ openPage, alice }) => {
  const page = await openPage()
  await page.goto("/create?name=from-a-link&paper_url=https://example.com/paper")
  await page.getByLabel("Username", { exact: true }).fill(alice.username)
  await page.getByLabel("Password", { exact: true }).fill(alice.password)
  await page.getByRole("main").getByRole("button", { name: "Sign in", exact: true }).click()
  await expect(createForm(page).name).toHaveValue("from-a-link")
  await expect(createForm(page).link("Paper URL")).toBeVisible()
  await expect(createForm(page).link("Paper URL")).toHaveValue("https://example.com/paper")
})
