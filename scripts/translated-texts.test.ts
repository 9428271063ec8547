import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { expect, test } from "vitest"
import { parseAst } from "vitest/node"

// A browser's translator moves text nodes into elements of its own. React then cannot remove a text node or insert
// anything before it, and the page crashes. A text that is alone in its element, or is never removed or replaced, is
// safe.

type Node = { type: string; start: number; end: number; [key: string]: unknown }
type Yield = "text" | "element" | "nothing"

/** Props and variables with elements, by name; a text passed in one of them is alone in its element. */
const slots = new Set(["children", "icon", "action", "actions", "results", "models", "create", "seconds"])

/** The possible values of an expression between tags. */
function yieldsOf(node: Node): Yield[] {
  const of = (...keys: string[]) => keys.flatMap((key) => yieldsOf(node[key] as Node))
  switch (node.type) {
    case "JSXExpressionContainer":
    case "ParenthesizedExpression":
    case "TSAsExpression":
    case "TSNonNullExpression":
      return of("expression")
    case "JSXEmptyExpression":
      return []
    case "JSXElement":
      return ["element"]
    case "JSXFragment":
      return childrenOf(node).flatMap(yieldsOf)
    case "LogicalExpression":
      return node.operator === "&&" ? ["nothing", ...of("right")] : of("left", "right")
    case "ConditionalExpression":
      return of("consequent", "alternate")
    case "Literal":
      return node.value === null || node.value === false || node.value === "" ? ["nothing"] : ["text"]
    case "Identifier":
      return slots.has(node.name as string) ? ["element"] : node.name === "undefined" ? ["nothing"] : ["text"]
    case "CallExpression": {
      const { property } = node.callee as { property?: { name?: string } }
      const [made] = node.arguments as { body?: Node }[]
      if (property?.name !== "map" && property?.name !== "flatMap") return ["text"]
      // Every other callback that builds a list returns elements, because they need keys.
      const shown = made?.body?.type === "JSXFragment" || made?.body?.type.endsWith("Literal")
      return ["nothing", ...(shown ? yieldsOf(made!.body!) : ["element" as const])]
    }
    default:
      return ["text"]
  }
}

const childrenOf = (node: Node): Node[] =>
  (node.children as Node[]).filter((child) => !(child.type === "JSXText" && /^\s*\n\s*$/.test(child.value as string)))

const tagOf = (node: Node): unknown =>
  node.type === "JSXElement" ? (node.openingElement as { name: { name?: string } }).name.name : undefined

/** Whether the node may appear, disappear or become another element. */
function varies(child: Node): boolean {
  const inner = child.expression as Node | undefined
  const swaps =
    inner?.type === "ConditionalExpression" && tagOf(inner.consequent as Node) !== tagOf(inner.alternate as Node)
  return swaps || new Set(yieldsOf(child)).size > 1
}

/** The children of an element that React could not remove or insert once texts have moved. */
function* misplacedIn(node: Node): Generator<Node> {
  const children = childrenOf(node)
  if (node.type === "JSXFragment" && children.some((child) => yieldsOf(child).includes("text"))) yield node
  if (children.length < 2) return
  for (const [at, child] of children.entries()) {
    if (!varies(child)) continue
    const next = children.slice(at + 1).find((one) => yieldsOf(one).includes("text") || !varies(one))
    if (yieldsOf(child).includes("text") || (next && yieldsOf(next).includes("text"))) yield child
  }
}

function* misplaced(value: unknown): Generator<Node> {
  if (typeof value !== "object" || value === null) return
  const node = value as Node
  if (node.type === "JSXElement" || node.type === "JSXFragment") yield* misplacedIn(node)
  for (const part of Object.values(node)) yield* misplaced(part)
}

const misplacedTexts = (source: string): string[] =>
  [...misplaced(parseAst(source, { lang: "tsx" }))].map(({ start, end }) =>
    source.slice(start, end).replace(/\s+/g, " "),
  )

test("every text beside something that comes and goes is in an element of its own", () => {
  const files = ["app", "components"].flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".tsx"))
      .map((file) => join(folder, file)),
  )
  expect(files.length).toBeGreaterThan(100)
  expect(files.flatMap((file) => misplacedTexts(readFileSync(file, "utf8")).map((text) => `${file}: ${text}`))).toEqual(
    [],
  )
})

test.each([
  ["<p>Hello{name && ` ${name}`}</p>", true],
  ["<p>{icon && <Icon />} Hello</p>", true],
  ["<button>{done ? <Check /> : <Copy />}{label}</button>", true],
  ["<p>{open && <>Hello <b>you</b></>}</p>", true],
  ["<p>{names.map((name) => <b key={name}>{name}</b>)} are here</p>", true],
  ["<p>{open && <span>Hello</span>}<span>you</span></p>", false],
  ["<p>{open ? 'Hello' : <b>Bye</b>}</p>", false],
  ["<p>Hello {name}, here are {count} things</p>", false],
  ["<p>Hello{open && <b>you</b>}</p>", false],
])("%s is found: %s", (source, found) => {
  expect(misplacedTexts(`const x = ${source}`).length > 0).toBe(found)
})
