import type { ReactElement, ReactNode } from "react"
import { expect, test } from "vitest"

import { CodeBlock } from "./code-block"
import { CopyButton } from "./copy-button"

/** The elements and texts that a component without hooks renders. */
function partsOf(node: ReactNode): (ReactElement<Record<string, unknown>> | string)[] {
  if (node === null || node === undefined || typeof node === "boolean") return []
  if (Array.isArray(node)) return node.flatMap(partsOf)
  if (typeof node !== "object") return [String(node)]
  const element = node as ReactElement<Record<string, unknown>>
  return [element, ...partsOf(element.props.children as ReactNode)]
}
const textOf = (parts: ReturnType<typeof partsOf>) => parts.filter((part) => typeof part === "string").join("")

test("values stand out in short code, and not in long code", () => {
  const short = partsOf(CodeBlock({ code: '{ "name": "value" }' }))
  expect(textOf(short)).toBe('{ "name": "value" }')
  expect(short.filter((part) => typeof part === "object" && part.type === "span")).toHaveLength(1)
})

test("a megabyte of short texts costs few elements: its beginning is shown, and all of it can be copied", () => {
  const code = JSON.stringify(Array.from({ length: 190_000 }, () => "ab"))
  expect(code.length).toBeGreaterThan(900_000)
  const parts = partsOf(CodeBlock({ code }))
  expect(parts.length).toBeLessThan(20)
  expect(textOf(parts).length).toBeLessThan(61_000)
  expect(textOf(parts)).toContain("The first 60,000 of 950,001 characters.")
  const copy = parts.find((part) => typeof part === "object" && part.type === CopyButton) as ReactElement<{
    text: string
  }>
  expect(copy.props.text).toBe(code)
})
