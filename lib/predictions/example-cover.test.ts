import { Readable } from "node:stream"
import { beforeAll, expect, test } from "vitest"
import sharp from "sharp"

import type { Actor } from "@/lib/auth/actor"
import { putOutput } from "@/lib/files/output"
import { getCover, setCover } from "@/lib/models/cover"
import { getModel, updateModel, type Model } from "@/lib/models/model"
import { presentModelSummary } from "@/lib/models/present"
import { apiFor } from "@/lib/test/api"
import { aModel, anAccount, aToken, aVersion } from "@/lib/test/factories"
import { createPrediction } from "./create"
import { endPrediction } from "./end"
import { addExample, chooseDefaultExample, removeExample } from "./example"
import { deletePrediction, getPrediction } from "./prediction"

let alice: Actor
let bob: Actor
beforeAll(async () => {
  alice = (await anAccount()).actor
  bob = (await anAccount()).actor
})

const png = (background: string) =>
  sharp({ create: { width: 40, height: 30, channels: 3, background } })
    .png()
    .toBuffer()

/** Creates a successful run with this output file, whose URL `output` puts into its output. */
async function aRun(
  { owner, name }: Model,
  bytes: Buffer,
  { content_type = "image/png", output = (url: string): unknown => [{ caption: "x", image: url }] } = {},
) {
  const body = { version: `${owner}/${name}`, input: {} }
  const made = await createPrediction(alice, { version: "named" }, body, { origin: "" })
  const { url } = await putOutput(made, { name: "out.png", content_type }, Readable.from([bytes]))
  await endPrediction(made, { status: "succeeded", output: output(url) })
  return made.id
}

async function aRunModel(visibility: "public" | "private" = "public") {
  const model = await aModel(alice, { visibility })
  await aVersion(alice, model)
  return model
}

const coverOf = async ({ owner, name }: Model, by: Actor | null = alice) =>
  presentModelSummary(await getModel(by, owner, name), "").cover
const shown = ({ owner, name }: Model, cover: string | null, by: Actor | null) =>
  getCover(by, owner, name, cover!.split("/").at(-1)!)

test("the picture of the default example is the cover as long as there is no other", async () => {
  const model = await aRunModel()
  const { owner, name } = model
  const [red, blue] = [await aRun(model, await png("red")), await aRun(model, await png("blue"))]
  expect(await coverOf(model)).toBeNull()
  await addExample(alice, owner, name, red)
  const first = await coverOf(model)
  expect(first).toMatch(new RegExp(`^/${owner}/${name}/cover/[0-9a-z]{26}\\.webp$`))
  const { picture, visibility } = await shown(model, first, null)
  expect(visibility).toBe("public")
  expect(await sharp(picture).metadata()).toMatchObject({ format: "webp", width: 40, height: 30 })

  await addExample(alice, owner, name, blue)
  expect(await coverOf(model)).toBe(first)
  await chooseDefaultExample(alice, owner, name, blue)
  const second = await coverOf(model)
  expect(second).not.toBe(first)
  await expect(shown(model, first, null)).rejects.toMatchObject({ kind: "missing" })

  await setCover(alice, owner, name, await png("green"))
  expect(await coverOf(model)).not.toBe(second)
  await expect(shown(model, second, null)).rejects.toMatchObject({ kind: "missing" })
  await updateModel(alice, owner, name, { cover_image_url: "" })
  expect(await coverOf(model)).toBe(second)

  await deletePrediction(alice, blue)
  expect(await coverOf(model)).toBe(first)
  await removeExample(alice, owner, name, red)
  expect(await coverOf(model)).toBeNull()
  for (const gone of [first, second]) await expect(shown(model, gone, alice)).rejects.toMatchObject({ kind: "missing" })
})

test("the API says where it is, and a client that sends it back changes nothing", async () => {
  const model = await aRunModel()
  const { owner, name } = model
  await addExample(alice, owner, name, await aRun(model, await png("red")))
  const { call } = await apiFor(await aToken(alice))
  const url = `/v1/models/${owner}/${name}`
  const { cover_image_url } = (await call("GET", url)).body
  expect(cover_image_url).toBe(`http://models.example.com${await coverOf(model)}`)
  await call("PATCH", url, { body: { cover_image_url, description: "changed" } })
  expect((await getModel(alice, owner, name)).cover_image_url).toBeNull()
  const link = "https://example.com/cover.png"
  expect((await call("PATCH", url, { body: { cover_image_url: link } })).body.cover_image_url).toBe(link)
})

test("the cover of a private model is not there for others", async () => {
  const model = await aRunModel("private")
  await addExample(alice, model.owner, model.name, await aRun(model, await png("red")))
  const cover = await coverOf(model)
  expect((await shown(model, cover, alice)).visibility).toBe("private")
  for (const actor of [null, bob]) await expect(shown(model, cover, actor)).rejects.toMatchObject({ kind: "missing" })
})

test("only a picture that the run made itself is shown", async () => {
  const model = await aRunModel()
  const { owner, name } = model
  const other = await aRunModel("private")
  const hidden = (await getPrediction(alice, await aRun(other, await png("black"), { output: (url) => url }))).output
  const runs = [
    await aRun(model, await png("red"), { content_type: "application/zip" }),
    await aRun(model, Buffer.from("<svg/>"), { content_type: "image/svg+xml" }),
    await aRun(model, await png("red"), { output: () => hidden }),
    await aRun(model, await png("red"), { output: () => ["https://example.com/a.png", "no address", 1, null] }),
  ]
  for (const id of runs) {
    await addExample(alice, owner, name, id)
    await chooseDefaultExample(alice, owner, name, id)
    expect(await coverOf(model)).toBeNull()
  }
  const broken = await aRun(model, Buffer.from("no picture"))
  await addExample(alice, owner, name, broken)
  await chooseDefaultExample(alice, owner, name, broken)
  await expect(shown(model, await coverOf(model), alice)).rejects.toMatchObject({ kind: "missing" })
})
