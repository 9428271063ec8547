import { expect, type Page } from "@playwright/test"

import { expectAccessible, expectNoSidewaysScroll } from "./axe"

const shots = process.env.SHOTS

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
