import { expect, test } from "vitest"

import { renderMarkdown } from "./markdown"

test("Markdown is rendered in a thread", async () => {
  expect(await renderMarkdown("# Hello")).toBe('<h3 id="readme-hello">Hello</h3>\n')
})

test("what would take too much memory is shown as the text it is, and the loop turns meanwhile", async () => {
  // CPU time of the main thread; by the clock, a turn would take longer on a busy machine.
  let turns = 0
  let longest = 0
  let last = process.threadCpuUsage()
  const turning = setInterval(() => {
    const { user, system } = process.threadCpuUsage(last)
    longest = Math.max(longest, (user + system) / 1000)
    last = process.threadCpuUsage()
    turns++
  }, 5)
  const html = await renderMarkdown("**a**".repeat(40_000))
  clearInterval(turning)
  expect(html).toMatch(/^<pre tabindex="0"><code>\*\*a\*\*/)
  expect(turns).toBeGreaterThan(1)
  expect(longest).toBeLessThan(500)
})
