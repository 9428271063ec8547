// Renders Markdown as HTML. Runs in a worker thread (lib/worker/), so it imports only types from this project.
import MarkdownIt, { type Token } from "markdown-it"
import { isMap, isScalar, isSeq, parseDocument } from "yaml"

/** The number of levels by which headings are shifted, below those of the page. */
const headingShift = 2
/** Limits of tokens, table cells and characters of HTML, ten times those of the longest honest README. */
const maxTokens = 40_000
const maxCells = 10_000
const longestHtml = 1_000_000
/** The maximum nesting depth, deeper than in real texts. */
const deepest = 30

/**
 * Renders untrusted Markdown as safe HTML: tables, lists, code and images, without scripts. HTML tags are dropped and
 * their contents shown as text. Links may use http, https and mailto, or lead to a heading; images may use http and
 * https. YAML front matter becomes a list. Longer texts are cut.
 */
export function renderMarkdown(text: string): string {
  const { facts, rest } = frontMatter(text)
  const { blocks, env, cut } = blocksOf(rest)
  let html = facts
  for (const block of blocks) {
    const next = htmlOf(block, env)
    if (html.length + next.length > longestHtml) return html + tooLong
    html += next
  }
  return cut ? html + tooLong : html
}

/** The plain text as HTML, for a text that takes too long to render. */
export const plainHtml = (text: string): string =>
  `<pre tabindex="0"><code>${escapeHtml(text.slice(0, longestHtml / 10))}</code></pre>\n${text.length > longestHtml / 10 ? tooLong : ""}`

const tooLong = "<p><em>The rest is too long to be shown here.</em></p>\n"

type Env = { headings: Map<string, number>; cells: number; full: boolean }
type Block = Token[]

/** Thrown at the line where the text has to be cut. */
class Full extends Error {
  line: number
  constructor(line: number) {
    super("There are too many pieces.")
    this.line = line
  }
}

// Blocks are parsed first, because links may be defined further down; then the inline content of one block at a time,
// because all of it at once would take hundreds of times the memory of the text.
const outer = new MarkdownIt({ html: true, maxNesting: deepest })
outer.core.ruler.enableOnly(["normalize", "block"])
const inner = new MarkdownIt({ html: true, linkify: true, maxNesting: deepest })
inner.core.ruler.disable(["normalize", "block"])
inner.linkify.set({ fuzzyLink: false, fuzzyEmail: false })
// URLs are checked in `judgeLinks` and in the image rule, as browsers would parse them. A rejected link keeps its text.
outer.validateLink = inner.validateLink = () => true
const { escapeHtml } = inner.utils

function blocksOf(text: string): { blocks: Block[]; env: Env; cut: boolean } {
  const parse = (source: string, full: boolean) => {
    const env: Env = { headings: new Map(), cells: 0, full }
    return { blocks: grouped(outer.parse(source, env)), env, cut: full }
  }
  try {
    return parse(text, false)
  } catch (error) {
    if (!(error instanceof Full)) throw error
    const lines = text.replaceAll("\r\n", "\n").replaceAll("\r", "\n").split("\n")
    return parse(lines.slice(0, error.line).join("\n"), true)
  }
}

/** Groups tokens by top-level block. */
function grouped(tokens: Token[]): Block[] {
  const blocks: Block[] = []
  let open = false
  for (const token of tokens) {
    if (open) blocks.at(-1)!.push(token)
    else blocks.push([token])
    open = token.level > 0 || token.nesting === 1
  }
  return blocks
}

function htmlOf(block: Block, env: Env): string {
  const state = new inner.core.State("", inner, env)
  state.tokens = block
  inner.core.process(state)
  return inner.renderer.render(state.tokens, inner.options, env)
}

const [table] = outer.block.ruler.getRules("")
outer.block.ruler.at(
  "table",
  (state, start, end, silent) => {
    const env = state.env as Env
    if (env.cells > maxCells || !table!(state, start, end, true)) return false
    if (silent) return true
    env.cells += cellsAt(state, start, end)
    // A table beyond the limit is shown as text, and so are all tables after it.
    return env.cells <= maxCells && table!(state, start, end, false)
  },
  { alt: ["paragraph", "reference"] },
)

type Lines = Parameters<typeof table & object>[0]

/** An upper bound: shorter rows are padded. */
function cellsAt(state: Lines, start: number, end: number): number {
  const header = state.src.slice(state.bMarks[start], state.eMarks[start])
  let last = start
  while (last < end && !state.isEmpty(last)) last++
  return header.split("|").length * (last - start)
}

outer.block.ruler.before("table", "budget", (state, start) => {
  if (state.tokens.length > maxTokens && !(state.env as Env).full) throw new Full(start)
  return false
})

inner.core.ruler.push("house rules", ({ tokens, env }) => {
  for (const [at, token] of tokens.entries()) {
    if (token.type === "heading_open" || token.type === "heading_close")
      token.tag = `h${Math.min(6, Number(token.tag.slice(1)) + headingShift)}`
    if (token.type === "heading_open") token.attrSet("id", headingId(tokens[at + 1]?.children ?? [], env as Env))
    if (token.type === "inline" && tokens[at - 2]?.type === "list_item_open") tickBox(token.children?.[0])
    judgeLinks(token.children ?? [])
  }
})

function judgeLinks(tokens: Token[]) {
  const open: Token[] = []
  for (const token of tokens) {
    if (token.type === "link_open") {
      open.push(token)
      const href = linkTarget(String(token.attrGet("href") ?? ""))
      token.attrs = href === null ? [] : [["href", href]]
      if (href === null) token.tag = "span"
      else if (!href.startsWith("#")) token.attrSet("rel", "nofollow noopener noreferrer")
    }
    if (token.type === "link_close") token.tag = open.pop()?.tag ?? "span"
  }
}

function linkTarget(href: string): string | null {
  if (/^#[^\s]+$/.test(href)) return `#${idPrefix}${slug(decoded(href.slice(1)))}`
  return ["http:", "https:", "mailto:"].includes(schemeOf(href)) ? href : null
}

/** The scheme as browsers parse it, ignoring whitespace and control characters; empty for a relative URL. */
const schemeOf = (address: string) => (URL.canParse(address) ? new URL(address).protocol : "")

function decoded(text: string) {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

const idPrefix = "readme-"

/** As on GitHub, so that links within a README work: repeated headings get the suffix -1, -2 and so on. */
function headingId(children: Token[], { headings }: Env): string {
  const base = slug(plainText(children.filter(({ type }) => type !== "image")))
  let [id, count] = [base, headings.get(base)]
  while (headings.has(id)) id = `${base}-${(count = (count ?? 0) + 1)}`
  if (count !== undefined) headings.set(base, count)
  headings.set(id, 0)
  return idPrefix + id
}

/** GitHub's rule, but without variation selectors, which nobody types into a link. */
const slug = (text: string) =>
  text
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}\p{Pc}\- ]|[\ufe0e\ufe0f]/gu, "")
    .replaceAll(" ", "-")

function tickBox(text: Token | undefined) {
  const [box, tick] = (text?.type === "text" && /^\[([ x])\] /i.exec(text.content)) || []
  if (box) text!.content = `${tick === " " ? "☐" : "☑"} ${text!.content.slice(box.length)}`
}

inner.renderer.rules = {
  ...inner.renderer.rules,
  html_inline: () => "",
  html_block: (tokens, at) => {
    const text = textOf(tokens[at]!.content)
    return text && `<p>${escapeHtml(text)}</p>\n`
  },
  image: (tokens, at) => {
    const token = tokens[at]!
    const [src, alt] = [String(token.attrGet("src") ?? ""), escapeHtml(plainText(token.children ?? []))]
    if (!["http:", "https:"].includes(schemeOf(src))) return alt
    return `<img src="${escapeHtml(src)}" alt="${alt}" loading="lazy" decoding="async" referrerpolicy="no-referrer">`
  },
  // Code and tables can be wider than the page, and scrollable content must be reachable by keyboard.
  fence: (tokens, at) => codeBlock(tokens[at]!.content),
  code_block: (tokens, at) => codeBlock(tokens[at]!.content),
  table_open: () => '<div class="scroll" role="region" aria-label="Table" tabindex="0"><table>\n',
  table_close: () => "</table></div>\n",
}

const codeBlock = (code: string) => `<pre tabindex="0"><code>${escapeHtml(code)}</code></pre>\n`

const textOf = (html: string) =>
  html
    .replace(/<(script|style)\b[^]*?(<\/\1\s*>|$)/gi, "")
    .replace(/<!--[^]*?(-->|$)/g, "")
    .replace(/<[^<>]*>/g, "")
    .trim()

const plainText = (tokens: Token[]): string =>
  tokens
    .map(({ type, content, children }) => {
      if (type === "text" || type === "code_inline") return content
      return type === "softbreak" || type === "hardbreak" ? " " : plainText(children ?? [])
    })
    .join("")

/** Limits of the front matter. */
const maxFacts = 20
const maxValues = 50
const longestFact = 200
const longestYaml = 16_384

/** Splits a text into its YAML front matter, as an HTML list, and the rest. */
function frontMatter(text: string): { facts: string; rest: string } {
  const [whole, yaml] = /^---[ \t]*\r?\n([^]*?)\r?\n(?:---|\.\.\.)[ \t]*(?:\r?\n|$)/.exec(text) ?? []
  const facts = yaml !== undefined && yaml.length <= longestYaml ? factsIn(yaml) : undefined
  return facts === undefined ? { facts: "", rest: text } : { facts, rest: text.slice(whole!.length) }
}

/** Undefined if it is not a valid YAML mapping. */
function factsIn(yaml: string): string | undefined {
  const { contents, errors } = parseDocument(yaml, { logLevel: "silent" })
  if (errors.length > 0 || !isMap(contents)) return undefined
  const facts = contents.items.slice(0, maxFacts).flatMap(({ key, value }) => {
    const values = (isSeq(value) ? value.items.slice(0, maxValues) : [value]).map(wordOf).filter((word) => word !== "")
    const name = wordOf(key)
    return name === "" || values.length === 0
      ? []
      : `<dt>${escapeHtml(name)}</dt><dd>${escapeHtml(values.join(", "))}</dd>`
  })
  return facts.length > 0 ? `<dl>${facts.join("")}</dl>\n` : ""
}

/** Empty for nested values, which are meant for programs. */
function wordOf(node: unknown): string {
  if (!isScalar(node) || node.value === null || node.value === undefined) return ""
  const text = typeof node.value === "string" ? node.value : (node.source ?? String(node.value))
  return text.length <= longestFact ? text : `${text.slice(0, longestFact - 1)}…`
}
