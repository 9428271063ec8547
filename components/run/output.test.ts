import type { ReactElement, ReactNode } from "react"
import { expect, test } from "vitest"

import { CodeBlock } from "@/components/ui/code-block"
import { isFormatted, OutputView } from "./output"

const file = (name: string) => `https://hub.example/files/abc/${name}`
const html = (value: unknown) => text(OutputView({ value, shape: { arrives: "at once" }, growing: false }))

/** Renders components without hooks as text. */
function text(node: ReactNode): string {
  if (node === null || node === undefined || typeof node === "boolean") return ""
  if (Array.isArray(node)) return node.map(text).join("")
  if (typeof node !== "object") return String(node)
  const { type, props } = node as ReactElement<Record<string, unknown>>
  if (type === CodeBlock) return `[${String(props.label)}]`
  if (typeof type === "function") return text((type as (props: unknown) => ReactNode)(props))
  const attributes = ["src", "controls"]
    .filter((name) => props[name])
    .map((name) => ` ${name}="${String(props[name])}"`)
  return `<${String(type)}${attributes.join("")}>${text(props.children as ReactNode)}</${String(type)}>`
}

test("objects are shown field by field with the files, lists of files and objects inside them", () => {
  const shown = html({
    caption: "a circle",
    score: 0.98,
    none: null,
    layers: [file("a.png"), file("b.wav")],
    best: { mask: file("c.png"), box: { x: 1 } },
    sizes: [1, 2],
  })
  for (const name of ["a.png", "c.png"]) expect(shown).toContain(`<img src="${file(name)}"`)
  expect(shown).toContain(`<audio src="${file("b.wav")}" controls="true"`)
  expect(shown.match(/<dt[^>]*>([^<]+)/g)!.map((tag) => tag.replace(/.*>/, ""))).toEqual([
    "caption",
    "score",
    "none",
    "layers",
    "best",
    "mask",
    "box",
    "x",
    "sizes",
  ])
  expect(shown).toContain("[Output sizes as JSON]")
})

test("a list of objects with files is shown item by item, and what is nested too deep as JSON", () => {
  const shown = html([{ image: file("a.png"), label: "cat" }, "text"])
  expect(shown).toContain(`<img src="${file("a.png")}"`)
  expect(shown).toContain("cat")
  expect(html({ a: { b: { c: { d: 1 } } } })).toContain("[Output c as JSON]")
})

test("of many items some are shown, and how many more there are", () => {
  const names = Array.from({ length: 250 }, (_, n) => `${n}.bin`)
  expect(html(names.map(file))).toContain("50 more in the JSON.")
  expect(html(Object.fromEntries(names.map((name) => [name, 1])))).toContain("50 more in the JSON.")
})

test("a list without files, a number and an empty object are JSON as they are", () => {
  for (const value of [[1, 2], 3, {}, null]) {
    expect(html(value)).toContain("Output as JSON")
    expect(isFormatted(value)).toBe(false)
  }
  expect(isFormatted({ a: 1 })).toBe(true)
  expect(html("plain")).not.toContain("JSON")
})
