import { ImageResponse } from "next/og"
import { createElement } from "react"
import sharp from "sharp"
import { afterEach, describe, expect, test, vi } from "vitest"

import { drawableText, fontFamily, fonts } from "./preview-text"

afterEach(() => void vi.unstubAllGlobals().restoreAllMocks())

describe("what can be drawn", () => {
  test.each([
    ["Tells hot dogs apart – “really”, for 5 €", "Tells hot dogs apart – “really”, for 5 €"],
    ["Łódź, Škoda, İstanbul, Việt Nam", "Łódź, Škoda, İstanbul, Việt Nam"],
    ["Отличает хот-доги, Ελληνικά", "Отличает хот-доги, Ελληνικά"],
    ["cafe\u0301 \u{1D401}\u{1D428}ld ﬁsh x\u0302y", "café Bold fish xy"],
    ["two\nlines\tand\u2003more", "two lines and more"],
  ])("%j stays", (text, drawn) => expect(drawableText(text)).toBe(drawn))

  test.each([
    ["Fish 🐟, chips 👩‍👩‍👧‍👦 and 🇫🇷!", "Fish, chips and!"],
    ["Draws 日本語 and العربية text", "Draws … and … text"],
    ["Writes हिन्दी, 中文 well", "Writes … well"],
    ["a\u200bb\u202ec\u0007 \u0309d\u200b\u0309", "abc d"],
  ])("of %j the rest", (text, drawn) => expect(drawableText(text)).toBe(drawn))

  test.each([["これはモデルです, by Alice"], ["🎨🎨🎨"], ["مرحبا"], [""]])("of %j nothing", (text) =>
    expect(drawableText(text)).toBe(""),
  )
})

/** Draws a text like the preview image of a shared link, and records every attempt to fetch something. */
async function draw(text: string) {
  const fetched: string[] = []
  vi.spyOn(console, "error").mockImplementation(() => {})
  vi.stubGlobal("fetch", (url: string) => {
    fetched.push(String(url))
    return Promise.reject(new Error("There is no network here."))
  })
  const element = createElement("div", { style: { display: "flex", flexWrap: "wrap", fontSize: 20, fontFamily } }, text)
  const picture = await new ImageResponse(element, { width: 1200, height: 630, fonts: fonts() })
    .arrayBuffer()
    .catch(() => null)
  return { fetched, picture }
}

test("without it the drawing asks the Internet", async () => {
  expect((await draw("日本語")).fetched).not.toEqual([])
})

test("no character that is kept asks the Internet, of all there are", async () => {
  const all = Array.from({ length: 0x20000 }, (_, code) => (code >= 0xd800 && code < 0xe000 ? 0x20 : code))
  const kept = all.map((code) => drawableText(String.fromCodePoint(code))).filter(Boolean)
  expect(kept.length).toBeGreaterThan(600)
  const { fetched, picture } = await draw(kept.join(" "))
  expect(fetched).toEqual([])
  expect((await sharp(Buffer.from(picture!)).metadata()).format).toBe("png")
})

test("nor do letters with marks, emoji and scripts in one text", async () => {
  const { fetched, picture } = await draw(
    drawableText(
      "Fish 🐟 ❤️ 1️⃣ © ™ 日本語 हिन्दी العربية e\u0323\u0302 x\u0302\u0323 Ǻ Привет и\u0306 mixed in a text that is mostly ours, so that it is kept",
    ),
  )
  expect(fetched).toEqual([])
  expect(picture!.byteLength).toBeGreaterThan(1000)
})
