import { createHash } from "node:crypto"
import MarkdownIt from "markdown-it"

/** Headings of a text move down below those of the page that shows it. */
const headingShift = 2
/** Rendered texts that are kept, in characters: a README is read far more often than written. */
const kept = 8_000_000

/**
 * Markdown that anybody wrote, as HTML that can stand in a page of ours: tables, lists, code and pictures, and nothing that runs.
 * Tags in the text are dropped and their contents shown as text; links lead to http, https and mail addresses or within
 * the text, pictures come over http(s).
 */
export function renderMarkdown(text: string): string {
  const key = createHash("sha256").update(text).digest("base64")
  const html = rendered.get(key) ?? markdown.render(text, { ids: new Set() } satisfies Env)
  // Taken out and put in again, the text that was asked for last stands last.
  rendered.delete(key)
  rendered.set(key, html)
  let size = 0
  for (const [key, { length }] of [...rendered].reverse()) if ((size += length) > kept) rendered.delete(key)
  return html
}
const rendered = new Map<string, string>()

const markdown = new MarkdownIt({ html: true, linkify: true })
markdown.linkify.set({ fuzzyLink: false, fuzzyEmail: false })
// Every address is judged below, by what a browser would make of it. What will not do loses its link and keeps its text.
markdown.validateLink = () => true
const { escapeHtml } = markdown.utils

markdown.core.ruler.push("house rules", ({ tokens, env }) => {
  for (const [at, token] of tokens.entries()) {
    if (token.type === "heading_open" || token.type === "heading_close")
      token.tag = `h${Math.min(6, Number(token.tag.slice(1)) + headingShift)}`
    if (token.type === "heading_open") token.attrSet("id", headingId(tokens[at + 1]?.content ?? "", (env as Env).ids))
    if (token.type === "inline" && tokens[at - 2]?.type === "list_item_open") tickBox(token.children?.[0])
    judgeLinks(token.children ?? [])
  }
})

type Env = { ids: Set<string> }
type Token = ReturnType<typeof markdown.parse>[number]

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

function headingId(text: string, taken: Set<string>): string {
  const base = idPrefix + slug(text)
  let id = base
  for (let n = 1; taken.has(id); n++) id = `${base}-${n}`
  taken.add(id)
  return id
}

const slug = (text: string) =>
  text
    .toLowerCase()
    .replace(/<[^<>]*>/g, "")
    .replace(/[^\p{L}\p{N}\s_-]/gu, "")
    .trim()
    .replace(/\s/g, "-")

function tickBox(text: Token | undefined) {
  const [box, tick] = (text?.type === "text" && /^\[([ x])\] /i.exec(text.content)) || []
  if (box) text!.content = `${tick === " " ? "☐" : "☑"} ${text!.content.slice(box.length)}`
}

markdown.renderer.rules = {
  ...markdown.renderer.rules,
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
    .map(({ type, content, children }) =>
      type === "text" || type === "code_inline" ? content : plainText(children ?? []),
    )
    .join("")
