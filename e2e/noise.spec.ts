import { expect, test } from "./fixtures"

// Silence in the other tests means something only if noise would be detected.

const provocations = {
  "text run as code, by something that catches what is thrown": () => {
    try {
      // oxlint-disable-next-line no-new-func, no-implied-eval
      return new Function("")
    } catch {
      return
    }
  },
  "a picture of another site": () => {
    new Image().src = "https://elsewhere.example/picture.png"
  },
  // Chromium compiles handlers when they are needed.
  "a handler in an attribute": () => {
    document.body.setAttribute("onclick", "1")
    document.body.click()
  },
}

for (const [what, provoke] of Object.entries(provocations))
  test(`a test fails over ${what}`, async ({ page, noise }) => {
    await page.goto("/pricing")
    // Code run by a test itself may do anything; code after it may not.
    await page.evaluate(`new Promise((done) => setTimeout(() => { (${String(provoke)})(); done() }))`)
    await noise.hearOut(page)
    expect(noise.heard.join()).toContain("policy violated")
    noise.allow(/policy/i)
  })
