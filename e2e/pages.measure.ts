import { gzipSync } from "node:zlib"
import { chromium, expect, test, type Browser, type BrowserContext } from "@playwright/test"
import lighthouse, { desktopConfig } from "lighthouse"

// Runs after the other browser tests, one page at a time, so that the machine does nothing else.
test.describe.configure({ mode: "serial", timeout: 240_000 })

const port = 9222 + Number(process.env.TEST_PARALLEL_INDEX ?? 0)
const name = `measured-${Date.now().toString(36)}`

let browser: Browser
let context: BrowserContext
let cookie: string

test.beforeAll(async ({ baseURL, launchOptions }) => {
  browser = await chromium.launch({
    ...launchOptions,
    // Lighthouse needs more than the headless shell supports.
    executablePath: process.env.CHROMIUM_BROWSER_PATH ?? launchOptions.executablePath,
    args: [...(launchOptions.args ?? []), `--remote-debugging-port=${port}`],
  })
  context = await browser.newContext({ baseURL })
  const page = await context.newPage()
  await page.goto("/signup")
  await page.getByLabel("Username", { exact: true }).fill(name)
  await page.getByLabel("Password", { exact: true }).fill("a long phrase to measure by")
  await page.getByRole("button", { name: "Create account" }).click()
  await page.waitForURL("/create")
  await page.getByLabel("Name", { exact: true }).fill("measured")
  await page.getByLabel("Public", { exact: true }).check()
  await page.getByRole("button", { name: "Create model" }).click()
  await page.waitForURL(`/${name}/measured`)
  cookie = (await context.cookies()).map((one) => `${one.name}=${one.value}`).join("; ")
  await page.close()
})

test.afterAll(() => browser?.close())

test("the create page: at most 180 kB of scripts and 14 kB of HTML, gzipped, and nothing moves", async () => {
  const page = await context.newPage()
  const bytes = { scripts: 0, html: 0 }
  const counted: Promise<void>[] = []
  page.on("response", (response) => {
    const type = response.headers()["content-type"] ?? ""
    const kind = type.includes("javascript") ? "scripts" : type.includes("text/html") ? "html" : undefined
    if (kind) counted.push(response.body().then((body) => void (bytes[kind] += gzipSync(body).length)))
  })
  await page.addInitScript(() => {
    const shifts = ((globalThis as Record<string, unknown>).shifts = { total: 0 })
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) shifts.total += (entry as PerformanceEntry & { value: number }).value
    }).observe({ type: "layout-shift", buffered: true })
  })
  await page.goto("/create", { waitUntil: "networkidle" })
  await Promise.all(counted)
  const shift = await page.evaluate(() => (globalThis as unknown as { shifts: { total: number } }).shifts.total)
  console.log(`/create: ${bytes.scripts} bytes of scripts, ${bytes.html} of HTML, layout shift ${shift}`)
  expect(bytes.scripts).toBeGreaterThan(50_000)
  expect(bytes.scripts).toBeLessThanOrEqual(180_000)
  expect(bytes.html).toBeLessThanOrEqual(14_000)
  expect(shift).toBe(0)
  await page.close()
})

for (const path of ["/", "/explore", "/create", `/${name}/measured`]) {
  test(`Lighthouse: ${path.replace(name, "<owner>")}`, async ({ baseURL }) => {
    expect(await scores(baseURL + path)).toEqual({ accessibility: 100, "best-practices": 100, seo: 100 })
  })
}

/** Metrics that do not depend on the machine's load; the bench measures speed. */
async function scores(url: string): Promise<Record<string, number>> {
  const flags = { port, logLevel: "silent" as const, onlyCategories: ["accessibility", "best-practices", "seo"] }
  const result = await lighthouse(
    url,
    { ...flags, ...(url.endsWith("/create") && { extraHeaders: { Cookie: cookie } }) },
    desktopConfig,
  )
  expect(result?.lhr.finalDisplayedUrl).toBe(url)
  return Object.fromEntries(
    Object.values(result!.lhr.categories).map(({ id, score }) => [id, Math.round((score ?? 0) * 100)]),
  )
}
