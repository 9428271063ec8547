import { describe, expect, test } from "vitest"

import { renderMarkdown } from "./markdown"
import { hostileMarkdown } from "./test/hostile-markdown"

// Whatever stands in angle brackets is one of these, written exactly like this: everything else that could be a tag was escaped.
const tag = new RegExp(
  [
    "/?(?:p|em|strong|s|code|pre|ul|ol|li|blockquote|table|thead|tbody|tr|th|td|h[3-6]|a|span|div)",
    "(?:hr|br)",
    'h[3-6] id="readme-[^"<>&\\s]*"',
    'ol start="\\d+"',
    'pre tabindex="0"',
    't[hd] style="text-align:(?:left|center|right)"',
    'div class="scroll" role="region" aria-label="Table" tabindex="0"',
    'a href="#readme-[^"<>\\s]*"',
    'a href="(?:https?:|mailto:)[^"<>\\s]*" rel="nofollow noopener noreferrer"',
    'img src="https?:[^"<>\\s]*" alt="[^"<>]*" loading="lazy" decoding="async" referrerpolicy="no-referrer"',
  ]
    .map((form) => `^(?:${form})$`)
    .join("|"),
  "i",
)
const strangeTags = (html: string) =>
  [...html.matchAll(/<([^>]*)>/g)].map(([, inside]) => inside!).filter((inside) => !tag.test(inside))

describe("nothing that runs comes through", () => {
  test.each(hostileMarkdown)("%j", (text) => {
    const html = renderMarkdown(text)
    expect(strangeTags(html)).toEqual([])
    expect(html.replace(/<[^>]*>/g, "")).not.toContain("<")
  })

  test("all of it in one text, either way round", () => {
    for (const texts of [hostileMarkdown, [...hostileMarkdown].reverse()])
      expect(strangeTags(renderMarkdown(texts.join("\n\n")))).toEqual([])
  })
})

describe("links", () => {
  test("to other sites are not vouched for", () => {
    expect(renderMarkdown("[a](https://example.com/x?y=1&z=2)")).toBe(
      '<p><a href="https://example.com/x?y=1&amp;z=2" rel="nofollow noopener noreferrer">a</a></p>\n',
    )
    expect(renderMarkdown("see https://example.com.")).toContain(
      '<a href="https://example.com" rel="nofollow noopener noreferrer">',
    )
    expect(renderMarkdown("<me@example.com>")).toContain('<a href="mailto:me@example.com"')
  })

  test("within the text meet the heading they name", () => {
    const html = renderMarkdown("[down](#how-it-works)\n\n# How it *works*?\n\n# How it works")
    expect(html).toContain('<a href="#readme-how-it-works">')
    expect(html).toContain('<h3 id="readme-how-it-works">')
    expect(html).toContain('<h3 id="readme-how-it-works-1">')
  })

  test.each([
    "LICENSE",
    "./docs/x.md",
    "/explore",
    "//evil.example/x",
    "javascript:alert(1)",
    "data:text/html,x",
    "vbscript:x",
    "file:///etc/passwd",
  ])("to %s keep their text only", (target) => {
    expect(renderMarkdown(`[*here*](${target}) and [there](https://example.com)`)).toBe(
      '<p><span><em>here</em></span> and <a href="https://example.com" rel="nofollow noopener noreferrer">there</a></p>\n',
    )
  })
})

test("a picture comes over http(s), tells nobody who looks at it, and is its description otherwise", () => {
  expect(renderMarkdown('![a "dog"](https://example.com/d.png "t")')).toBe(
    '<p><img src="https://example.com/d.png" alt="a &quot;dog&quot;" loading="lazy" decoding="async" referrerpolicy="no-referrer"></p>\n',
  )
  expect(renderMarkdown("![a *hot* `dog`](data:image/png;base64,AAAA)")).toBe("<p>a hot dog</p>\n")
})

test("headings stand below those of the page", () => {
  expect(renderMarkdown("# a\n## b\n##### c\n###### d")).toBe(
    '<h3 id="readme-a">a</h3>\n<h4 id="readme-b">b</h4>\n<h6 id="readme-c">c</h6>\n<h6 id="readme-d">d</h6>\n',
  )
})

test("what scrolls can be reached by keyboard", () => {
  expect(renderMarkdown("```py\nprint(1 < 2)\n```")).toBe('<pre tabindex="0"><code>print(1 &lt; 2)\n</code></pre>\n')
  expect(renderMarkdown("| a |\n|--:|\n| 1 |")).toMatch(
    /^<div class="scroll" role="region" aria-label="Table" tabindex="0"><table>[^]*<\/table><\/div>$/m,
  )
})

test("tags are dropped and what stands between them is shown", () => {
  expect(renderMarkdown('<p align="center">\n  Fast &amp; small\n</p>\n\nit is <b>bold</b><br> 1 < 2')).toBe(
    "<p>Fast &amp;amp; small</p>\n<p>it is bold 1 &lt; 2</p>\n",
  )
  expect(renderMarkdown("<!-- a note -->\n\n<script>alert(1)</script>\n\n<style>*{}</style>")).toBe("")
})

test("boxes of a task list are shown ticked or not", () => {
  expect(renderMarkdown("- [ ] to do\n- [x] done\n- [link](https://a.b)")).toMatch(
    /<li>☐ to do<\/li>\s*<li>☑ done<\/li>\s*<li><a /,
  )
})

test.each([
  ["brackets", "["],
  ["pictures", "!["],
  ["unfinished links", "[a]("],
  ["mixed emphasis", "_a*"],
  ["quotes in quotes", ">"],
  ["lists in lists", "- "],
  ["tags", "<a "],
  ["comments", "<!--"],
  ["scripts", "<script>"],
  ["columns", "|a"],
  ["addresses", "https://a.b/((("],
  ["references", "[a]: b\n"],
])("200,000 characters of %s are rendered in good time", (_what, piece) => {
  const text = piece.repeat(Math.ceil(200_000 / piece.length))
  const begin = process.cpuUsage()
  renderMarkdown(text)
  // Of the processor's time, so that a busy machine fails no test.
  expect(process.cpuUsage(begin).user / 1e6).toBeLessThan(4)
})
