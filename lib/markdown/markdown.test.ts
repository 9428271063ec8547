import { expect, test } from "vitest"

import { renderMarkdown } from "./markdown"

test("Markdown is rendered in a thread", async () => {
  expect(await renderMarkdown("# Hello")).toBe('<h3 id="readme-hello">Hello</h3>\n')
})

test("what would take too much memory is shown as the text it is, and the loop turns meanwhile", async () => {
  let longest = 0
  let last = performance.now()
  const turning = setInterval(() => {
    longest = Math.max(longest, performance.now() - last)
    last = performance.now()
  }, 5)
  const html = await renderMarkdown("**a**".repeat(40_000))
  clearInterval(turning)
  expect(html).toMatch(/^<pre tabindex="0"><code>\*\*a\*\*/)
  expect(longest).toBeLessThan(500)
})
