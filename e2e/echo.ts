import { expect, uniqueName, type Instance, type Page } from "./fixtures"
import { credentials } from "./forms"
import { runScript } from "./run-script"

// Models that behave like understudy/echo, and their runs in the browser.

/** Signs up in the browser, and returns the username. */
export async function signUp(page: Page, next: string, username = uniqueName("first")): Promise<string> {
  await page.goto(`/signup?next=${encodeURIComponent(next)}`)
  await credentials(page).fill(username, "correct horse battery")
  await credentials(page).createAccount.click()
  await page.waitForURL((url) => url.pathname === new URL(next, "http://here").pathname)
  return username
}

/** Creates a model of the account that behaves like understudy/echo. */
export const ownEcho = async (...of: Parameters<typeof ownEchoAndToken>): Promise<string> =>
  (await ownEchoAndToken(...of)).name

/** Creates a model that behaves like understudy/echo, and an API token of the account. */
export function ownEchoAndToken({ data }: Instance, username: string, name: string, visibility = "public") {
  const [args, env] = [[username, name, visibility], { NODE_ENV: "production" }]
  return runScript<{ name: string; version: string; token: string }>("echo-data", data, { args, env })
}

export const main = (page: Page) => page.getByRole("main")
export const output = (page: Page) => main(page).getByRole("region", { name: "Output" })

/** Opens the playground, and waits until it is interactive. */
export async function openPlayground(page: Page, model: string) {
  await page.goto(`/${model}/playground`)
  await expect(page.locator("input[name=scripts]")).toBeAttached()
}

/** Runs the playground's input, and returns the path of the run's page. */
export async function run(page: Page, model: string, text: string): Promise<string> {
  await openPlayground(page, model)
  await main(page).getByLabel(/^text/).fill(text)
  await main(page).getByRole("button", { name: "Run", exact: true }).click()
  await expect(output(page)).toContainText(text)
  await expect(main(page).getByRole("status").filter({ hasText: "succeeded" })).toBeVisible()
  return (await output(page).getByRole("link", { name: "Page of this run" }).getAttribute("href"))!
}
