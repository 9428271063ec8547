import { describe, expect, test } from "vitest"

import { renderMarkdown } from "./render"
import { hostileMarkdown } from "../test/hostile-markdown"

// Every tag in the HTML must match one of these exactly: everything else that could be a tag was escaped.
const tag = new RegExp(
  [
    "/?(?:p|em|strong|s|code|pre|ul|ol|li|dl|dt|dd|blockquote|table|thead|tbody|tr|th|td|h[3-6]|a|span|div)",
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
  // CPU time, so that a busy machine does not fail the test.
  expect(process.cpuUsage(begin).user / 1e6).toBeLessThan(4)
})

describe("links within a README work as on GitHub", () => {
  test.each([
    ["🚀 Quick start", "-quick-start"],
    ["⚙️ Settings", "-settings"],
    ["1️⃣ First", "1⃣-first"],
    ["`--flag` and *more*", "--flag-and-more"],
    ["[Install](https://example.com)", "install"],
    ["![logo](https://a.b/c.png) Logo", "-logo"],
    ["What's new?", "whats-new"],
    ["Über uns", "über-uns"],
    ["हिन्दी", "हिन्दी"],
    ["A & B", "a--b"],
    ["snake_case", "snake_case"],
  ])("## %s", (heading, slug) => {
    const html = renderMarkdown(`[go](#${encodeURIComponent(slug)})\n\n## ${heading}`)
    expect(html).toContain(`id="readme-${slug}"`)
    expect(html).toContain(`href="#readme-${slug}"`)
  })

  test("also with the sign that makes an emoji of a character in the link", () => {
    expect(renderMarkdown("[go](#️-settings)")).toContain('href="#readme--settings"')
  })

  test("the second of a name is told from the first, and from one that is called so", () => {
    const ids = [...renderMarkdown("# a\n# a-1\n# a\n# a").matchAll(/id="readme-([^"]*)"/g)].map(([, id]) => id)
    expect(ids).toEqual(["a", "a-1", "a-2", "a-3"])
  })
})

describe("YAML at the beginning", () => {
  test("is shown as what it states", () => {
    const text =
      "---\nlicense: apache-2.0\ntags:\n- text-to-image\n- <b>\nversion: 1.10\nmodel-index:\n- name: x\n---\n# Hello"
    expect(renderMarkdown(text)).toBe(
      "<dl><dt>license</dt><dd>apache-2.0</dd><dt>tags</dt><dd>text-to-image, &lt;b&gt;</dd><dt>version</dt><dd>1.10</dd></dl>\n" +
        '<h3 id="readme-hello">Hello</h3>\n',
    )
  })

  test.each([
    ["a line and a heading", "---\nHello\n---\n"],
    ["no YAML", "---\na: [\n---\nb"],
    ["no end", "---\na: b\n"],
    ["not at the beginning", "\n---\na: b\n---\n"],
  ])("%s is Markdown", (_, text) => {
    expect(renderMarkdown(text)).not.toContain("<dl>")
  })

  test("with nothing in it that could be shown is left out", () => {
    expect(renderMarkdown("---\na:\n  b: c\n---\nHello")).toBe("<p>Hello</p>\n")
  })

  test.each(["[", "- ", "? ", "{a: ", "a: &a [*a, *a]\n", "&a "])("full of %j is read in time", (piece) => {
    const begin = process.cpuUsage()
    renderMarkdown(`---\n${piece.repeat(16_000 / piece.length)}\n---\n`)
    expect(process.cpuUsage(begin).user / 1e6).toBeLessThan(2)
  })
})

describe("what is too much is cut, and says so", () => {
  const note = "The rest is too long to be shown here."
  test.each([
    ["100,000 headings", "#\n".repeat(100_000)],
    [
      "a table of 5.8 kB that fills up to megabytes",
      `|${"a|".repeat(800)}\n|${"-|".repeat(800)}\n${"|\n".repeat(1200)}`,
    ],
    ["entities", "<".repeat(200_000)],
    ["pictures", "![](https://a.b)".repeat(12_000)],
    ["rules", "---\n".repeat(50_000)],
  ])("%s", (_, text) => {
    const begin = process.cpuUsage()
    const html = renderMarkdown(text)
    expect(process.cpuUsage(begin).user / 1e6).toBeLessThan(1)
    expect(html.length).toBeLessThan(1_100_000)
  })

  test("at the end of a block", () => {
    const html = renderMarkdown(`# First\n\n${"- a\n\n  b\n".repeat(15_000)}`)
    expect(html).toContain('<h3 id="readme-first">')
    expect(html).toContain(note)
  })

  test("an honest long README is whole", () => {
    const html = renderMarkdown(
      "## Chapter\n\nSome *words* and [a link](https://example.com).\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n".repeat(
        500,
      ),
    )
    expect(html).not.toContain(note)
  })
})
