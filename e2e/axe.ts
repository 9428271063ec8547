import AxeBuilder from "@axe-core/playwright"
import { expect, type Page } from "@playwright/test"

/** What axe has to complain about. A page's title arrives with the page or a moment after it, and is waited for. */
export async function violationsOn(page: Page, rules?: string[]) {
  await expect(page).toHaveTitle(/\S/)
  const axe = new AxeBuilder({ page })
  return (await (rules ? axe.withRules(rules) : axe).analyze()).violations
}

/** Holds when axe finds nothing to complain about, in light and in dark. */
export async function expectAccessible(page: Page): Promise<void> {
  for (const colorScheme of ["light", "dark"] as const) {
    // Colours fade over when the theme changes, and are judged when they have arrived.
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" })
    // A theme changes colours and nothing else.
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

/** Holds when nothing has to be scrolled sideways on a desk or on the narrowest screen, which is also what four times the size leaves. */
export async function expectNoSidewaysScroll(page: Page): Promise<void> {
  for (const width of [1280, 320]) {
    await page.setViewportSize({ width, height: 640 })
    expect(
      await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth),
      `${page.url()} at ${width} pixels`,
    ).toBe(0)
  }
}
