// How Markdown becomes HTML. It runs in a worker thread (lib/worker/), so it imports nothing of ours but types.
import MarkdownIt, { type Token } from "markdown-it"
import { isMap, isScalar, isSeq, parseDocument } from "yaml"

/** Headings of a text move down below those of the page that shows it. */
const headingShift = 2
/** Beyond this many pieces, cells and characters a text is cut: the longest honest README has a tenth of them. */
const maxTokens = 40_000
const maxCells = 10_000
const longestHtml = 1_000_000
/** Deeper than any text people write. */
const deepest = 30

/**
 * Renders untrusted Markdown as safe HTML: tables, lists, code and images, without scripts.
 * Tags in the text are dropped and their contents shown as text; links lead to http, https and mail addresses or within
 * the text, pictures come over http(s). YAML at its beginning is shown as the facts it states.
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

/** The text as it is, where it took too long to make anything of it. */
export const plainHtml = (text: string): string =>
  `<pre tabindex="0"><code>${escapeHtml(text.slice(0, longestHtml / 10))}</code></pre>\n${text.length > longestHtml / 10 ? tooLong : ""}`

const tooLong = "<p><em>The rest is too long to be shown here.</em></p>\n"

type Env = { headings: Map<string, number>; cells: number; full: boolean }
type Block = Token[]

/** Thrown where the text has to be cut. */
class Full extends Error {
  line: number
  constructor(line: number) {
    super("There are too many pieces.")
    this.line = line
  }
}

// What a text is made of is found first, for links that are defined further down; what is in each block then one block
// at a time, because all of it at once would take hundreds of times the memory of the text.
const outer = new MarkdownIt({ html: true, maxNesting: deepest })
outer.core.ruler.enableOnly(["normalize", "block"])
const inner = new MarkdownIt({ html: true, linkify: true, maxNesting: deepest })
inner.core.ruler.disable(["normalize", "block"])
inner.linkify.set({ fuzzyLink: false, fuzzyEmail: false })
// Every address is judged below, by what a browser would make of it. What will not do loses its link and keeps its
// text.
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

/** The tokens of each block that stands in no other. */
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
    // What would be too many cells is text, as everything behind it.
    return env.cells <= maxCells && table!(state, start, end, false)
  },
  { alt: ["paragraph", "reference"] },
)

type Lines = Parameters<typeof table & object>[0]

/** At most: a row that says less is filled up. */
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

/** The scheme as browsers read it, who skip blanks and control characters on the way; none for a relative address. */
const schemeOf = (address: string) => (URL.canParse(address) ? new URL(address).protocol : "")

function decoded(text: string) {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

const idPrefix = "readme-"

/** As on GitHub, whose links within a README have to work here: the second of a name has a 1 behind it. */
function headingId(children: Token[], { headings }: Env): string {
  const base = slug(plainText(children.filter(({ type }) => type !== "image")))
  let [id, count] = [base, headings.get(base)]
  while (headings.has(id)) id = `${base}-${(count = (count ?? 0) + 1)}`
  if (count !== undefined) headings.set(base, count)
  headings.set(id, 0)
  return idPrefix + id
}

/** GitHub's rule, but for what chooses between two looks of a character, which nobody types into a link. */
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
  // Both can be wider than the page, and what scrolls has to be reachable by keyboard.
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

/** Of YAML at the beginning of a text: as many facts as anybody reads. */
const maxFacts = 20
const maxValues = 50
const longestFact = 200
const longestYaml = 16_384

/**
 * The YAML between two lines of dashes at the beginning of a text, as a list of what it states, and what comes after
 * it.
 */
function frontMatter(text: string): { facts: string; rest: string } {
  const [whole, yaml] = /^---[ \t]*\r?\n([^]*?)\r?\n(?:---|\.\.\.)[ \t]*(?:\r?\n|$)/.exec(text) ?? []
  const facts = yaml !== undefined && yaml.length <= longestYaml ? factsIn(yaml) : undefined
  return facts === undefined ? { facts: "", rest: text } : { facts, rest: text.slice(whole!.length) }
}

/** Undefined when it is no YAML, or states nothing by name. */
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

/** What is nested deeper is for programs. */
function wordOf(node: unknown): string {
  if (!isScalar(node) || node.value === null || node.value === undefined) return ""
  const text = typeof node.value === "string" ? node.value : (node.source ?? String(node.value))
  return text.length <= longestFact ? text : `${text.slice(0, longestFact - 1)}…`
}
