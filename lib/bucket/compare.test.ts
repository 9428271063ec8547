import { createHash } from "node:crypto"
import { Readable } from "node:stream"
import { expect, test } from "vitest"

import { compareObjects } from "./compare"

const hexOf = (algorithm: string, content: string) => createHash(algorithm).update(content).digest("hex")
const [cover, layer, longer] = [hexOf("sha256", "cover"), hexOf("sha256", "layer"), hexOf("sha512", "longer")]
const names = [
  `uploads/${cover.slice(0, 2)}/${cover}`,
  `registry/blobs/sha256/${layer.slice(0, 2)}/${layer}-1a`,
  `registry/blobs/sha512/${longer.slice(0, 2)}/${longer}-1a`,
]

const compare = (contents: (string | null)[]) =>
  compareObjects(
    {
      read: async (name) => {
        const content = contents[names.indexOf(name)]
        return typeof content === "string" ? Readable.from([Buffer.from(content)]) : null
      },
    },
    names,
  )

test("objects are compared with the digests in their names", async () => {
  expect(await compare(["cover", "layer", "longer"])).toEqual({
    files: 3,
    bytes: 16,
    damaged: [],
    missing: [],
    unchecked: 0,
  })
  expect(await compare(["cover", "lager", null])).toEqual({
    files: 1,
    bytes: 10,
    damaged: [names[1]],
    missing: [names[2]],
    unchecked: 0,
  })
})

test("pushed layers are compared with the digests that the database knows", async () => {
  const pushed = ["registry/blobs/pushed/one", "registry/blobs/pushed/two", "registry/blobs/pushed/gone"]
  const digests = new Map([
    [pushed[0]!, { algorithm: "sha256", hex: layer }],
    [pushed[1]!, { algorithm: "sha256", hex: cover }],
  ])
  const bucket = { read: async () => Readable.from([Buffer.from("layer")]) }
  expect(await compareObjects(bucket, pushed, digests)).toEqual({
    files: 1,
    bytes: 10,
    damaged: [pushed[1]],
    missing: [],
    unchecked: 1,
  })
})
