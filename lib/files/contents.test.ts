import { createHash, randomBytes } from "node:crypto"
import { Readable } from "node:stream"
import { buffer } from "node:stream/consumers"
import { expect, test } from "vitest"

import { newId } from "@/lib/id"
import { TooLarge } from "./contents"
import { contentStore } from "./content-store"

const kept = async () => {
  const names = []
  for await (const { stored_as } of contentStore().list()) names.push(stored_as)
  return names
}

test.each([0, 1, 1000, 8 * 1024 * 1024, 8 * 1024 * 1024 + 1, 20_000_000])(
  "a content of %i bytes is kept whole, with its checksums, and read back in parts",
  async (size) => {
    const bytes = randomBytes(size)
    const chunks = function* () {
      for (let at = 0; at < size; at += 300_007) yield Buffer.from(bytes.subarray(at, at + 300_007))
    }
    const found = await contentStore().put(newId(), Readable.from(chunks(), { objectMode: false }), Infinity)
    const digest = (algorithm: string) => createHash(algorithm).update(bytes).digest("hex")
    expect(found).toMatchObject({ size, sha256: digest("sha256"), md5: digest("md5") })
    expect((await buffer((await contentStore().read(found.stored_as))!)).equals(bytes)).toBe(true)
    if (size > 1) {
      const span = { start: 1, end: Math.min(size - 1, 500) }
      expect(
        (await buffer((await contentStore().read(found.stored_as, span))!)).equals(bytes.subarray(1, span.end + 1)),
      ).toBe(true)
    }
    expect(await kept()).toContain(found.stored_as)
    await contentStore().remove(found.stored_as)
    await contentStore().remove(found.stored_as)
    expect(await kept()).not.toContain(found.stored_as)
    expect(await contentStore().read(found.stored_as)).toBeNull()
  },
)

test.each([
  ["is too long", 12_000_000, 9_000_000, TooLarge],
  ["breaks off", 12_000_000, Infinity, Error],
] as const)("of a stream that %s nothing is kept", async (_, size, limit, kind) => {
  const before = await kept()
  async function* chunks() {
    for (let sent = 0; sent < size; sent += 1_000_000) yield Buffer.alloc(1_000_000)
    if (limit === Infinity) throw new Error("gone")
  }
  const source = Readable.from(chunks(), { objectMode: false })
  await expect(contentStore().put(newId(), source, limit)).rejects.toBeInstanceOf(kind)
  expect(await kept()).toEqual(before)
  await contentStore().tidy(new Date(Date.now() + 1000))
})
