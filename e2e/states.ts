import { execFile } from "node:child_process"
import { promisify } from "node:util"
import { expect, type Page } from "@playwright/test"

import { expectAccessible, expectNoSidewaysScroll } from "./axe"

const shots = process.env.SHOTS

/** Runs a script of this folder on the data of a test's own server, and returns the JSON that it prints. */
export async function createStates<T>(script: string, data: string, env?: Record<string, string>): Promise<T> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ["--import", "tsx", "--conditions=react-server", script],
    { env: { ...process.env, DATA_DIR: data, DATABASE_URL: "", ...env } },
  )
  return JSON.parse(stdout.trim().split("\n").at(-1)!) as T
}

/** Opens pages by name and returns what is wrong with them. SHOTS=folder saves pictures of all of them there. */
export async function oddStates(page: Page, pages: Record<string, string>, status = 200): Promise<string[]> {
  const odd: string[] = []
  for (const [name, path] of Object.entries(pages)) {
    const answer = await page.goto(path)
    if (shots) await picture(page, name)
    await check(page, answer?.status(), status).catch((error: Error) => odd.push(`${name}: ${error.message}`))
  }
  return odd
}

async function check(page: Page, answered: number | undefined, status: number) {
  expect(answered).toBe(status)
  await expectAccessible(page)
  await expectNoSidewaysScroll(page)
}

async function picture(page: Page, name: string) {
  for (const colorScheme of ["light", "dark"] as const)
    for (const width of [1280, 360]) {
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" })
      await page.setViewportSize({ width, height: 860 })
      await page.waitForTimeout(500)
      const path = `${shots}/${name.replaceAll(/\W+/g, "-")}.${width}.${colorScheme}.png`
      await page.screenshot({ path, fullPage: true })
    }
}
