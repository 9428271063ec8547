import { expect, test } from "./fixtures"

test("the newest public model stands first on the home page", async ({ page, alice }) => {
  const name = await alice.createModel()
  await page.goto("/")
  await expect(page.getByRole("region", { name: "Newest public models" }).getByRole("link", { name: `${alice.username}/${name}`, exact: true })).toBeVisible()
})

test("odd queries are no error page", async ({ page }) => {
  for (const query of ["q=%00", "q=*", "q=%22", "q=a&q=b", `q=${"x".repeat(5000)}`, "cursor=nonsense", "q=a&cursor=%00", "q=AND+OR+NOT", "q=%F0%9F%A6%99"]) {
    const answer = await page.goto(`/explore?${query}`)
    expect(answer!.status(), query).toBe(200)
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("Explore models")
  }
})

test("a long list has pages, forth and back", async ({ page, alice }) => {
  const names: string[] = []
  for (let n = 0; n < 26; n++) names.push(await alice.createModel())
  await page.goto(`/${alice.username}`)
  const main = page.getByRole("main")
  const card = (name: string) => main.getByRole("link", { name, exact: true })
  await expect(card(names.at(-1)!)).toBeVisible()
  await expect(card(names[0]!)).toHaveCount(0)
  await page.getByRole("navigation", { name: "Pages" }).getByRole("link", { name: "Older" }).click()
  await expect(card(names[0]!)).toBeVisible()
  await page.getByRole("navigation", { name: "Pages" }).getByRole("link", { name: "Newer" }).click()
  await expect(card(names.at(-1)!)).toBeVisible()
})

test("a name that nobody has is not found, whatever it looks like", async ({ page, noise, bob }) => {
  noise.allowMissingPage()
  for (const path of ["/nobody-of-this-name", `/${bob.username}/none`, `/${bob.username}/none/api`, "/Capitals", "/%00", "/a/b/c/d", "/..%2f..%2fetc", `/${bob.username}?cursor=nonsense`]) {
    const answer = await page.goto(path)
    expect(answer!.status(), path).toBe(404)
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("There is nothing here")
  }
})
