import { expect, type Page } from "@playwright/test"
import axe from "axe-core"

/** The violations found by axe. Waits for the page's title, which may arrive a moment after the page. */
export async function violationsOn(page: Page, rules?: string[]) {
  await expect(page).toHaveTitle(/\S/)
  // Sending it takes longer than looking, so a page gets it once. None of our pages holds a frame.
  if (!(await page.evaluate(() => "axe" in window))) await page.evaluate(axe.source)
  return page.evaluate(async (runOnly) => {
    const { violations } = await axe.run(document, { resultTypes: ["violations"], ...(runOnly && { runOnly }) })
    return violations
  }, rules)
}

/** Passes if axe finds no violations in light and dark. */
export async function expectAccessible(page: Page): Promise<void> {
  for (const colorScheme of ["light", "dark"] as const) {
    // Colours change with a transition, which has to end first.
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" })
    // A theme changes only colours.
    const violations = await violationsOn(
      page,
      colorScheme === "dark" ? ["color-contrast", "link-in-text-block"] : undefined,
    )
    const found = violations.flatMap(({ id, nodes }) =>
      nodes.map(({ target, failureSummary }) => `${id} at ${target.join(" ")}: ${failureSummary}`),
    )
    expect(found, colorScheme).toEqual([])
  }
}

/** Passes if nothing scrolls sideways on a desktop or on the narrowest screen, which also covers a zoom of 400 %. */
export async function expectNoSidewaysScroll(page: Page): Promise<void> {
  for (const width of [1280, 320]) {
    await page.setViewportSize({ width, height: 640 })
    expect(
      await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth),
      `${page.url()} at ${width} pixels`,
    ).toBe(0)
  }
}
