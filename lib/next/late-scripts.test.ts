import { runInNewContext } from "node:vm"
import { expect, test } from "vitest"

import { withLateScripts } from "./late-scripts"

const chunk = (name: string) => `<script src="/_next/static/chunks/${name}.js" async="" nonce="n0nce"></script>`
const old = '<script src="/_next/static/chunks/old.js" noModule="" nonce="n0nce"></script>'
const inline = '<script nonce="n0nce">self.__next_f.push([0])</script>'
const page = (head: string, body: string) => `<!DOCTYPE html><html><head>${head}</head><body>${body}</body></html>`

type Listener = (event: object) => void

/** Runs a page's last script; the scripts it adds are collected. */
function load(html: string) {
  const added: { src: string; async: boolean }[] = []
  const listeners = new Map<string, Listener>()
  const [, code] = /<script nonce="n0nce">([^<]*)<\/script><\/body><\/html>$/.exec(html)!
  let paint = () => {}
  let late = () => {}
  const page = {
    document: { createElement: () => ({}), head: { append: (element: (typeof added)[0]) => added.push(element) } },
    PerformanceObserver: class {
      constructor(seen: () => void) {
        paint = seen
      }
      observe() {}
    },
    setTimeout: (run: () => void, after: number) => after === 1000 && (late = run),
    addEventListener: (type: string, heard: Listener) => listeners.set(type, heard),
    releaseEarly: () => {},
  }
  runInNewContext(code!, page)
  return { added, paint: () => paint(), late: () => late(), listeners, release: () => page.releaseEarly() }
}

test("external scripts are requested after the first paint, once, in their order", () => {
  const preload = '<link rel="preload" as="script" fetchPriority="low" nonce="n0nce" href="/_next/static/chunks/c.js"/>'
  const html = withLateScripts(
    page(`${preload}${chunk("a")}${chunk("b")}<title>x</title>${old}`, `${inline}${chunk("c")}${chunk("a")}`),
    "n0nce",
  )
  expect(html).not.toContain('src="/_next/static/chunks/a.js"')
  expect(html).not.toContain("preload")
  expect(html).toContain(`<head><title>x</title></head><body>${inline}<script nonce="n0nce">`)

  const { added, paint, late } = load(html)
  expect(added).toEqual([])
  paint()
  const all = ["a", "b", "c"].map((name) => ({ src: `/_next/static/chunks/${name}.js`, async: true }))
  expect(added).toEqual(all)
  paint()
  late()
  expect(added).toEqual(all)
})

test("the scripts of a page in the background, which is not painted, are requested too", () => {
  const { added, late } = load(withLateScripts(page(chunk("a"), ""), "n0nce"))
  late()
  expect(added).toHaveLength(1)
})

class Occurred {
  held = false
  constructor(
    readonly type: string,
    like: object,
  ) {
    Object.assign(this, like, { type, held: false })
  }
  preventDefault() {
    this.held = true
  }
  stopImmediatePropagation() {}
}

function pressing({ listeners, release }: ReturnType<typeof load>) {
  const done: [string, string, string?][] = []
  const occur = (type: "click" | "keydown", like: object) => {
    const event = new Occurred(type, like)
    listeners.get(type)!(event)
    return event.held
  }
  const again = (name: string) => ({
    dispatchEvent: ({ type, key }: Occurred & { key?: string }) => done.push([name, type, key]),
  })
  const button = {
    ...again("button"),
    closest: (selector: string) => (selector === "button[type=button]" ? button : null),
  }
  const field = { ...again("field"), closest: () => null }
  return { done, occur, button, field, release }
}

test("presses of buttons that need scripts, and shortcuts, are held until those run; others happen at once", () => {
  const { done, occur, button, field, release } = pressing(load(withLateScripts(page(chunk("a"), ""), "n0nce")))
  expect(occur("click", { target: button })).toBe(true)
  expect(occur("click", { target: field })).toBe(false)
  expect(occur("keydown", { target: field, key: "k" })).toBe(false)
  expect(occur("keydown", { target: field, key: "Enter", ctrlKey: true })).toBe(true)
  expect(occur("keydown", { target: field, key: "k" })).toBe(false)
  expect(occur("keydown", { target: field, key: "K", metaKey: true })).toBe(true)
  expect(occur("keydown", { target: field })).toBe(false)
  // Which opens it in a new tab.
  expect(occur("keydown", { target: { ...field, href: "/explore" }, key: "Enter", ctrlKey: true })).toBe(false)
  expect(done).toEqual([])
  release()
  expect(done).toEqual([
    ["button", "click", undefined],
    ["field", "keydown", "Enter"],
    ["field", "keydown", "K"],
  ])
  expect(occur("click", { target: button })).toBe(false)
  expect(occur("keydown", { target: field, key: "k", ctrlKey: true })).toBe(false)
})

test("what is typed after the command palette was opened is held for it, where it was opened", () => {
  const { done, occur, button, field, release } = pressing(load(withLateScripts(page(chunk("a"), ""), "n0nce")))
  expect(occur("click", { target: button })).toBe(true)
  expect(occur("keydown", { target: button, key: "a" })).toBe(true)
  expect(occur("keydown", { target: field, key: "b" })).toBe(false)
  expect(occur("keydown", { target: field, key: "k", ctrlKey: true })).toBe(true)
  const keys = ["c", "Backspace", "Enter", "Tab", "F5", "ArrowLeft", "Escape"]
  expect(keys.filter((key) => occur("keydown", { target: field, key }))).toEqual(["c", "Backspace", "Enter"])
  expect(occur("keydown", { target: field, key: "r", ctrlKey: true })).toBe(false)
  release()
  expect(done.map(([, type, key]) => key ?? type)).toEqual(["click", "a", "k", "c", "Backspace", "Enter"])
})

test.each([
  ["without external scripts", page("", inline)],
  ["that does not end", page(chunk("a"), "").slice(0, -1)],
  ["with scripts of others, or that are not asynchronous", page('<script src="/a.js" async=""></script>', old)],
])("a page %s stays as it is", (_, html) => {
  expect(withLateScripts(html, "n0nce")).toBe(html)
})

test("what only looks like a script stays as it is", () => {
  const text = chunk("x").replaceAll("<", "&lt;").replaceAll('"', "&quot;")
  const data = `<script nonce="n0nce">${JSON.stringify(chunk("y")).replaceAll("<", "\\u003c")}</script>`
  const html = withLateScripts(page(chunk("a"), text + data), "n0nce")
  expect(html).toContain(text + data)
})
