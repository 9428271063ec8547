import { execFile } from "node:child_process"
import { writeFile } from "node:fs/promises"
import path from "node:path"
import { promisify } from "node:util"
import type { TestInfo } from "@playwright/test"
import Database from "better-sqlite3"

import { expect, test, type Account, type Page } from "./fixtures"

const run = promisify(execFile)

/** Presses the copy button of a code block and returns the clipboard's content. */
async function copied(page: Page, label: string): Promise<string> {
  await page.evaluate(() => navigator.clipboard.writeText(""))
  await page
    .getByRole("main")
    .getByRole("button", { name: `Copy: ${label}`, exact: true })
    .click()
  await expect(async () => expect(await page.evaluate(() => navigator.clipboard.readText())).not.toBe("")).toPass()
  return page.evaluate(() => navigator.clipboard.readText())
}

/** The output of a code block, run inside the project, where the packages are, with somebody's token. */
async function output(
  info: TestInfo,
  account: Account,
  file: string,
  code: string,
  ...command: [string, ...string[]]
): Promise<string> {
  const script = info.outputPath(file)
  await writeFile(script, code)
  const [program, ...args] = command
  const { stdout } = await run(program, [...args, script], {
    env: { ...process.env, FORCE_COLOR: "0", REPLICATE_API_TOKEN: await account.token() },
  })
  return stdout
}

const inBash = ["bash", "-eu"] as const
const inNode = [process.execPath] as const

test.beforeEach(({ context }) => context.grantPermissions(["clipboard-read", "clipboard-write"]))

test("the header says who, what, for whom and on what, and the name can be copied", async ({ page, alice }) => {
  const name = await alice.createModel({
    description: "Reads labels",
    visibility: "private",
    hardware: "gpu-t4",
    license_url: "https://example.com/license",
  })
  await page.goto(`/${alice.username}/${name}`)
  const main = page.getByRole("main")
  await expect(main.getByRole("heading", { level: 1 })).toHaveText(`${alice.username}/${name}`)
  await expect(main).toContainText("Reads labels")
  await expect(main.getByRole("listitem").filter({ hasText: /^Private$/ })).toBeVisible()
  await expect(main.getByText("No versions yet: a model runs the image you push to it.")).toBeVisible()
  await expect(main.getByRole("listitem").filter({ hasText: "Nvidia T4 GPU" })).toBeVisible()
  await expect(main.getByRole("link", { name: "License" })).toHaveAttribute("href", "https://example.com/license")

  // Tighter letter spacing would close the gaps between words at this size.
  const { letterSpacing } = await main
    .getByRole("heading", { name: "Log in" })
    .evaluate((heading) => ({ letterSpacing: getComputedStyle(heading).letterSpacing }))
  expect(letterSpacing).toBe("normal")

  await main.getByRole("button", { name: "Copy the model name" }).click()
  await expect(main.getByText("Copied", { exact: true })).toBeAttached()
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(`${alice.username}/${name}`)
})

test("the next steps carry this host, this owner and this name", async ({ page, alice, baseURL }, info) => {
  const name = await alice.createModel()
  await page.goto(`/${alice.username}/${name}`)
  const { host } = new URL(baseURL!)
  expect(await copied(page, "Sign in to the registry")).toBe(
    `echo $TOKEN | docker login ${host} -u ${alice.username} --password-stdin`,
  )
  expect(await copied(page, "Push to this model")).toBe(`cog push ${host}/${alice.username}/${name}`)
  expect(await copied(page, "A first run")).toContain(`docker run -d -p 5000:5000 ${host}/${alice.username}/${name}\n`)
  await page.getByRole("tablist", { name: "Source" }).getByRole("tab", { name: "From GitHub" }).click()
  expect(await copied(page, "The workflow")).toContain(`cog push ${host}/${alice.username}/${name}`)
  await page.getByRole("tablist", { name: "Operating system" }).getByRole("tab", { name: "Linux" }).click()
  await output(info, alice, "install.sh", await copied(page, "Install on Linux"), "bash", "-n")

  // On paper, nothing is cut off.
  await page.emulateMedia({ media: "print" })
  await page.setViewportSize({ width: 700, height: 1000 })
  const cut = await page
    .getByRole("main")
    .getByRole("region")
    .filter({ has: page.locator("pre") })
    .evaluateAll((regions) =>
      regions.filter((one) => one.scrollWidth > one.clientWidth).map((one) => one.getAttribute("aria-label")),
    )
  expect(cut).toEqual([])
})

test("a long description is cut after three lines, and the rest is a button away", async ({ page, alice }) => {
  const words = "It counts what a stand sells in an afternoon, in pictures taken with phones. ".repeat(6).trim()
  const [long, short] = [
    await alice.createModel({ description: words }),
    await alice.createModel({ description: "Short" }),
  ]
  await page.goto(`/${alice.username}/${long}`)
  const shown = page.getByRole("paragraph").filter({ hasText: words })
  const height = () => shown.evaluate((element) => element.clientHeight)
  const cut = await height()
  const more = page.getByRole("button", { name: "more", exact: true })
  await expect(more).toHaveAttribute("aria-expanded", "false")
  await more.click()
  expect(await height()).toBeGreaterThan(cut)
  const less = page.getByRole("button", { name: "less", exact: true })
  await expect(less).toBeFocused()
  await less.press("Enter")
  expect(await height()).toBe(cut)
  await page.goto(`/${alice.username}/${short}`)
  await expect(page.getByText("Short", { exact: true })).toBeVisible()
  await expect(more).toHaveCount(0)
})

test("others see that there is nothing to run yet, and no steps that are not theirs", async ({ openPage, alice }) => {
  const name = await alice.createModel()
  const page = await openPage()
  await page.goto(`/${alice.username}/${name}`)
  await expect(page.getByRole("main")).toContainText("has not pushed a version")
  await expect(page.getByRole("heading", { name: /Next/ })).toHaveCount(0)
})

test("a model without a version has no playground, and its address says why", async ({ page, alice }) => {
  const name = await alice.createModel()
  await page.goto(`/${alice.username}/${name}`)
  const tabs = page.getByRole("navigation", { name: "Model" }).getByRole("link")
  await expect(tabs).toHaveText(["Overview", "API", "Settings"])
  await page.goto(`/${alice.username}/${name}/playground`)
  await expect(page.getByRole("main")).toContainText("No versions yet")
})

test("a name that nothing can be pushed to says so, and is changed from there", async ({ page, alice }) => {
  const name = await alice.createModel()
  const early = `dr.-${name}`
  const database = new Database(path.join(process.env.E2E_DATA_DIR!, "understudy.db"), { timeout: 10_000 })
  database.prepare("update models set name = ?, cached_json = null where name = ?").run(early, name)
  database.close()
  await page.goto(`/${alice.username}/${early}`)
  await expect(page.getByText("Clients cannot push to this name")).toBeVisible()
  await page.getByRole("link", { name: `Rename it, to dr-${name} for instance` }).click()
  await expect(page.getByLabel("New name")).toHaveValue(`dr-${name}`)
  await page.getByRole("button", { name: "Rename", exact: true }).click()
  await expect(page).toHaveURL(new RegExp(`/${alice.username}/dr-${name}/settings`))
  await page.goto(`/${alice.username}/${early}`)
  await expect(page).toHaveURL(`/${alice.username}/dr-${name}`)
  await expect(page.getByText("Clients cannot push to this name")).toHaveCount(0)
})

test("the tabs have addresses, and going back returns to the overview", async ({ page, alice }) => {
  const name = await alice.createModel()
  await page.goto(`/${alice.username}/${name}`)
  const tabs = page.getByRole("navigation", { name: "Model" })
  await tabs.getByRole("link", { name: "API" }).click()
  await expect(page).toHaveURL(`/${alice.username}/${name}/api`)
  await expect(tabs.getByRole("link", { name: "API" })).toHaveAttribute("aria-current", "page")
  await page.goBack()
  await expect(tabs.getByRole("link", { name: "Overview" })).toHaveAttribute("aria-current", "page")
})

test("the snippets that read the model run as they are copied", async ({ page, alice }, info) => {
  const name = await alice.createModel({ visibility: "private", description: 'It\'s "quoted" $HOME' })
  await page.goto(`/${alice.username}/${name}`)
  expect(
    JSON.parse(await output(info, alice, "overview.sh", await copied(page, "Read this model with cURL"), ...inBash)),
  ).toMatchObject({ name })

  await page.goto(`/${alice.username}/${name}/api`)
  expect(
    JSON.parse(await output(info, alice, "read.sh", await copied(page, "Read this model with cURL"), ...inBash)),
  ).toMatchObject({ owner: alice.username, name })
  await page.getByRole("tablist", { name: "Read this model in" }).getByRole("tab", { name: "JavaScript" }).click()
  expect(
    await output(info, alice, "read.mjs", await copied(page, "Read this model with JavaScript"), ...inNode),
  ).toContain(`name: '${name}'`)
})

test("the snippets that create one like it run as they are copied, whatever the description holds", async ({
  page,
  alice,
  baseURL,
}, info) => {
  const description = `It's "quoted", costs $5 \\ and \`more\` – ü 🦙`
  const name = await alice.createModel({ description, hardware: "gpu-t4" })
  await page.goto(`/${alice.username}/${name}/api`)
  const created = JSON.parse(
    await output(info, alice, "create.sh", await copied(page, "Create a model like this with cURL"), ...inBash),
  )
  expect(created).toMatchObject({ owner: alice.username, name: `${name}-2`, description, visibility: "public" })

  await page
    .getByRole("tablist", { name: "Create a model like this in" })
    .getByRole("tab", { name: "JavaScript" })
    .click()
  const code = (await copied(page, "Create a model like this with JavaScript")).replace(`${name}-2`, `${name}-3`)
  expect((await output(info, alice, "create.mjs", code, ...inNode)).trim()).toBe(
    `${baseURL}/${alice.username}/${name}-3`,
  )
})

test("the Python and command line snippets are well formed", async ({ page, alice }, info) => {
  const python = await run("python3", ["--version"]).then(
    () => true,
    () => false,
  )
  const name = await alice.createModel({ description: `It's "quoted" \\ \`more\` – ü 🦙` })
  await page.goto(`/${alice.username}/${name}/api`)
  for (const section of ["Read this model", "Create a model like this"]) {
    const tabs = page.getByRole("tablist", { name: `${section} in` })
    await tabs.getByRole("tab", { name: "CLI" }).click()
    await output(info, alice, "cli.sh", await copied(page, `${section} with CLI`), "bash", "-n")
    await tabs.getByRole("tab", { name: "Python" }).click()
    const code = await copied(page, `${section} with Python`)
    if (python) await output(info, alice, "snippet.py", code, "python3", "-m", "py_compile")
  }
})

test("the language tabs follow the arrow keys", async ({ page, alice }) => {
  const name = await alice.createModel()
  await page.goto(`/${alice.username}/${name}/api`)
  const tabs = page.getByRole("tablist", { name: "Read this model in" })
  await tabs.getByRole("tab", { name: "cURL" }).focus()
  await page.keyboard.press("ArrowRight")
  await expect(tabs.getByRole("tab", { name: "CLI" })).toBeFocused()
  await expect(tabs.getByRole("tab", { name: "CLI" })).toHaveAttribute("aria-selected", "true")
  await expect(page.getByRole("region", { name: "Read this model with CLI" })).toBeVisible()
  await expect(page.getByRole("region", { name: "Read this model with cURL" })).toBeHidden()
  await page.keyboard.press("End")
  await expect(tabs.getByRole("tab", { name: "Python" })).toBeFocused()
})
