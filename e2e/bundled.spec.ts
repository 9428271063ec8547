import { expectAccessible } from "./axe"
import { expect, test } from "./fixtures"
import { credentials } from "./forms"

test("a fresh instance has models to run, and its first account still becomes its administrator", async ({
  instance,
  openPage,
}) => {
  const { origin } = await instance({ RUN_BUNDLED: "on" })
  const page = await openPage({ baseURL: origin })
  await page.goto("/understudy")
  for (const name of ["echo", "speak", "detect-language", "read-text", "classify-text"])
    await expect(page.getByRole("main").getByRole("link", { name: new RegExp(`\\b${name}\\b`) })).toBeVisible()
  await expectAccessible(page)

  await page.goto("/understudy/speak")
  await expect(page.getByRole("heading", { level: 1 })).toContainText("speak")
  await expect(page.getByRole("main")).toContainText("Carnegie Mellon University")
  const cover = await page.request.get(
    ((await (await page.request.get("/understudy/speak.json")).json()) as { cover_image_url: string }).cover_image_url,
  )
  expect(cover.headers()["content-type"]).toBe("image/webp")

  await page.goto("/signup")
  await expect(page.getByRole("main")).toContainText("becomes the administrator")
  await credentials(page).fill("first", "correct horse battery")
  await credentials(page).createAccount.click()
  await expect(page).toHaveURL(`${origin}/create`)
})
