import { expect, holdScripts, test } from "./fixtures"

test("scripts are requested after the first paint, and what was pressed before they ran happens", async ({
  openPage,
  alice,
}) => {
  const name = await alice.createModel()
  for (const [as, path] of [
    [undefined, "/"],
    [undefined, `/${alice.username}/${name}`],
    [alice, "/create"],
    [alice, "/explore"],
  ] as const) {
    const page = await openPage({ as })
    const release = await holdScripts(page)
    await page.goto(path, { waitUntil: "domcontentloaded" })
    await page.keyboard.press("Control+k")
    await expect(page.getByRole("dialog"), path).toBeHidden()
    release()
    await expect(page.getByRole("dialog"), path).toBeVisible()
    const { paint, scripts } = await page.evaluate(() => ({
      paint: performance.getEntriesByName("first-paint")[0]!.startTime,
      scripts: (performance.getEntriesByType("resource") as PerformanceResourceTiming[])
        .filter(({ name }) => name.endsWith(".js"))
        .map(({ startTime }) => startTime),
    }))
    expect(scripts.length, path).toBeGreaterThan(3)
    expect(Math.min(...scripts), path).toBeGreaterThan(paint)
  }
})
