import { randomBytes } from "node:crypto"
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import type { Page } from "@playwright/test"
import Database from "better-sqlite3"

import { expectAccessible, expectNoSidewaysScroll } from "./axe"
import { expect, test, type Instance } from "./fixtures"
import { runScript } from "./run-script"

// Files for inputs: large ones, which are uploaded in parts and survive lost connections, and pictures from the camera.

test.describe.configure({ timeout: 180_000 })
test.use({
  launchOptions: {
    executablePath: process.env.CHROMIUM_PATH,
    // The headless shell cannot show a permission dialog.
    args: [
      "--use-fake-device-for-media-stream",
      "--use-fake-ui-for-media-stream",
      ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
    ],
  },
})

const cookies = new WeakMap<Instance, Promise<string>>()

async function signedIn(own: Instance, page: Page) {
  if (!cookies.has(own)) cookies.set(own, createPhotographer(own))
  const value = await cookies.get(own)!
  await page.context().addCookies([{ name: "understudy.session", value, url: own.origin }])
}

/** Creates the owner of the model, and returns their cookie. */
const createPhotographer = ({ data }: Instance) => runScript<string>("inputs-data", data)

const playground = "/photographer/takes-files/playground"
const size = 40 * 1024 * 1024

/** A large file, and a function that tells whether the server has stored it under a URL. */
function aLargeFile({ data }: Instance) {
  const content = randomBytes(size)
  const file = join(data, "weights.bin")
  writeFileSync(file, content)
  function kept(address: string) {
    const database = new Database(join(data, "understudy.db"), { readonly: true })
    const stored = database.prepare("select stored_as from files where id = ?").pluck().get(address.split("/").at(-1))
    database.close()
    return content.equals(readFileSync(join(data, "files", String(stored))))
  }
  return { file, kept }
}

test("a large file arrives in parts, and goes on after the connection was lost", async ({
  sharedInstance,
  openPage,
  noise,
}) => {
  noise.allow(/net::ERR_/)
  const own = await sharedInstance()
  const page = await openPage({ baseURL: own.origin })
  await signedIn(own, page)
  const { file, kept } = aLargeFile(own)
  let [broken, held] = [0, () => {}]
  const isBack = new Promise<void>((resolve) => (held = resolve))
  await page.route("**/api/web/uploads/*?start=*", async (route) => {
    if (broken === 0 && !route.request().url().endsWith("start=0")) {
      broken++
      return route.abort("connectionreset")
    }
    if (broken === 1) await isBack
    await route.continue()
  })
  await page.goto(playground)
  const main = page.getByRole("main")
  await main.getByLabel("Choose a file for weights").setInputFiles(file)
  await expect(main.getByText("Connection lost.")).toBeVisible()
  await expect(main.getByRole("progressbar", { name: "Upload progress for weights" })).toHaveJSProperty("value", 20)
  await expectAccessible(page)
  await page.setViewportSize({ width: 320, height: 700 })
  await expectNoSidewaysScroll(page)
  held()
  await expect(main.getByText("weights.bin was sent.")).toBeVisible({ timeout: 60_000 })
  expect(broken).toBe(1)
  expect(kept(await main.locator('[name="input.weights"]').inputValue())).toBe(true)
})

test("an upload whose page was left goes on when the same file is chosen again", async ({
  sharedInstance,
  openPage,
  noise,
}) => {
  noise.allow(/net::ERR_/)
  const own = await sharedInstance()
  const page = await openPage({ baseURL: own.origin })
  await signedIn(own, page)
  const { file, kept } = aLargeFile(own)
  await page.route("**/api/web/uploads/*?start=*", (route) =>
    route.request().url().endsWith("start=0") ? route.continue() : route.abort("connectionreset"),
  )
  await page.goto(playground)
  const main = page.getByRole("main")
  await main.getByLabel("Choose a file for weights").setInputFiles(file)
  await expect(main.getByText("Connection lost.")).toBeVisible()
  await page.unrouteAll({ behavior: "ignoreErrors" })
  await page.goto(playground)
  const starts: string[] = []
  page.on("request", (request) => starts.push(new URL(request.url()).searchParams.get("start") ?? ""))
  await main.getByLabel("Choose a file for weights").setInputFiles(file)
  await expect(main.getByText("weights.bin was sent.")).toBeVisible({ timeout: 60_000 })
  expect(starts).not.toContain("0")
  expect(kept(await main.locator('[name="input.weights"]').inputValue())).toBe(true)
})

test("a picture is taken with the camera once somebody asks for it, and only the playground may", async ({
  sharedInstance,
  openPage,
}) => {
  const own = await sharedInstance()
  const page = await openPage({ baseURL: own.origin, permissions: ["camera"] })
  await signedIn(own, page)
  const policyOf = async (path: string) => (await page.request.get(own.origin + path)).headers()["permissions-policy"]
  expect(await policyOf("/")).toContain("camera=()")
  expect(await policyOf("/photographer/takes-files")).toContain("camera=()")
  expect(await policyOf(playground)).toContain("camera=(self)")

  // Also from another page of the model.
  await page.goto("/photographer/takes-files")
  await page.getByRole("navigation", { name: "Model" }).getByRole("link", { name: "Playground" }).click()
  const main = page.getByRole("main")
  await expect(main.getByRole("button", { name: "Use the camera for weights" })).toHaveCount(0)
  await main.getByRole("button", { name: "Use the camera for image" }).click()
  await expect(main.getByRole("button", { name: "Take the picture" })).toBeEnabled()
  await expectAccessible(page)
  await main.getByRole("button", { name: "Cancel" }).click()
  await expect(main.getByRole("button", { name: "Use the camera for image" })).toBeFocused()
  await main.getByRole("button", { name: "Use the camera for image" }).click()
  await main.getByRole("button", { name: "Take the picture" }).click()
  await expect(main.getByText("camera.jpg was sent.")).toBeVisible()
  await expect(main.locator('[name="input.image"]')).toHaveValue(/\/v1\/files\/[0-9a-z]{26}$/)
  // The camera preview is closed.
  await expect(main.locator("video")).toHaveCount(0)
})

test("a camera that the browser does not allow is no reason to give up", async ({ sharedInstance, openPage }) => {
  const own = await sharedInstance()
  const page = await openPage({ baseURL: own.origin })
  await page.addInitScript(() => {
    navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException("Permission denied", "NotAllowedError"))
  })
  await signedIn(own, page)
  await page.goto(playground)
  const main = page.getByRole("main")
  await main.getByRole("button", { name: "Use the camera for image" }).click()
  await expect(main.getByText("The browser does not allow the camera.")).toBeVisible()
  await expectAccessible(page)
  await main.getByRole("button", { name: "Close" }).click()
  await expect(main.getByRole("button", { name: "Use the camera for image" })).toBeFocused()
})

test("a list of files is ordered with the keyboard, and sent in that order", async ({ sharedInstance, openPage }) => {
  const own = await sharedInstance()
  const page = await openPage({ baseURL: own.origin })
  await signedIn(own, page)
  await page.goto(playground)
  const main = page.getByRole("main")
  const pixel =
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
  const given = ["https://example.com/a.txt", "https://example.com/b.txt", pixel]
  for (const [at, address] of given.entries()) {
    await main.getByRole("button", { name: "Add an address to pages" }).click()
    await main.getByLabel(`File ${at + 1}`, { exact: true }).fill(address)
  }
  await expect(main.getByRole("img", { name: "Chosen: data" })).toBeVisible()

  // The focus follows the file.
  await main.getByRole("button", { name: "Move up file 3" }).focus()
  await page.keyboard.press("Enter")
  await expect(main.getByRole("button", { name: "Move up file 2" })).toBeFocused()
  await expect(main.getByRole("status").filter({ hasText: "Moved to position 2 of 3." })).toBeAttached()
  await page.keyboard.press("Enter")
  await expect(main.getByRole("status").filter({ hasText: "Moved to position 1 of 3." })).toBeAttached()
  // There, it can only move down.
  await expect(main.getByRole("button", { name: "Move down file 1" })).toBeFocused()
  const order = [pixel, given[0], given[1]]
  await expect(main.locator('[name="input.pages"]')).toHaveValue(JSON.stringify(order))
  await expectAccessible(page)
  await page.setViewportSize({ width: 320, height: 700 })
  await expectNoSidewaysScroll(page)

  await main.getByRole("button", { name: "Run", exact: true }).click()
  await expect(page).toHaveURL(/\?prediction=/)
  const id = new URL(page.url()).searchParams.get("prediction")
  const answer = await page.request.get(`/api/web/predictions/${id}?whole=1`)
  const { input } = (await answer.json()) as { input: { pages: string[] } }
  expect(input.pages.slice(1)).toEqual(given.slice(0, 2))
})

test("files are dropped on their input, and pasted into it", async ({ sharedInstance, openPage }) => {
  const own = await sharedInstance()
  const page = await openPage({ baseURL: own.origin })
  await signedIn(own, page)
  await page.goto(playground)
  const main = page.getByRole("main")
  await expect(page.locator("input[name=scripts]")).toBeAttached()
  const give = (name: string, type: "drop" | "paste", file: string) =>
    main.locator(`[name="input.${name}"]`).evaluate(
      (control, { type, file }) => {
        const data = new DataTransfer()
        data.items.add(new File(["hello"], file, { type: "text/plain" }))
        const options = { bubbles: true, cancelable: true }
        control.dispatchEvent(
          type === "drop"
            ? new DragEvent("drop", { ...options, dataTransfer: data })
            : new ClipboardEvent("paste", { ...options, clipboardData: data }),
        )
      },
      { type, file },
    )
  await give("weights", "drop", "dropped.txt")
  await expect(main.getByText("dropped.txt was sent.")).toBeVisible()
  await expect(main.locator('[name="input.weights"]')).toHaveValue(/\/v1\/files\/[0-9a-z]{26}$/)
  await give("image", "paste", "pasted.txt")
  await expect(main.getByText("pasted.txt was sent.")).toBeVisible()
  await expect(main.locator('[name="input.image"]')).toHaveValue(/\/v1\/files\/[0-9a-z]{26}$/)
})
