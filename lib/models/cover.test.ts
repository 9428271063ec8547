import sharp from "sharp"
import { describe, expect, test } from "vitest"

import { changeRole, removeMember } from "@/lib/accounts/members"
import { pictureLimit } from "@/lib/pictures/picture"
import { aMember, aModel, anAccount, anOrganization } from "@/lib/test/factories"
import { dropUpload, readUpload, storeUpload } from "@/lib/uploads/upload"
import { getCover, setCover } from "./cover"
import { deleteModel, getModel, updateModel } from "./model"
import { presentModelSummary } from "./present"
import { renameModel } from "./rename"

const missing = { kind: "missing" }
const aPicture = (fields: { width?: number; height?: number; background?: string } = {}) =>
  sharp({ create: { width: 40, height: 30, channels: 3, background: "teal", ...fields } })
const isKept = async (hash: string) => (await readUpload(hash)) !== null

async function aModelWithCover(visibility: "public" | "private" = "public", background = "teal") {
  const { actor } = await anAccount()
  const { name } = await aModel(actor, { visibility })
  const model = await setCover(actor, actor.username, name, await aPicture({ background }).png().toBuffer())
  return { actor, name, model, upload: model.cover_upload!, file: `${model.cover_upload}.webp` }
}

describe("an uploaded picture", () => {
  test.each(["png", "jpeg", "webp", "gif", "avif"] as const)(
    "as %s becomes a WebP of its own address",
    async (format) => {
      const { actor } = await anAccount()
      const { name } = await aModel(actor)
      const model = await setCover(actor, actor.username, name, await aPicture()[format]().toBuffer())

      expect(presentModelSummary(model, "https://here.example").cover_image_url).toBe(
        `https://here.example/${actor.username}/${name}/cover/${model.cover_upload}.webp`,
      )
      const { picture } = await getCover(null, actor.username, name, `${model.cover_upload}.webp`)
      expect(await sharp(picture).metadata()).toMatchObject({ format: "webp", width: 40, height: 30 })
    },
  )

  test("loses everything but its pixels, and stands upright", async () => {
    const { actor } = await anAccount()
    const { name } = await aModel(actor)
    const sent = await aPicture()
      .withExif({ IFD0: { Copyright: "somebody" }, IFD3: { GPSLatitude: "51/1 30/1 0/1" } })
      .withMetadata({ orientation: 6 })
      .jpeg()
      .toBuffer()
    expect((await sharp(sent).metadata()).exif).toBeDefined()
    const model = await setCover(actor, actor.username, name, sent)
    const { picture } = await getCover(null, actor.username, name, `${model.cover_upload}.webp`)
    const kept = await sharp(picture).metadata()
    expect(kept).toMatchObject({ width: 30, height: 40 })
    expect([kept.exif, kept.xmp, kept.icc, kept.orientation]).toEqual([undefined, undefined, undefined, undefined])
  })

  test("is made smaller where it is larger than anybody needs", async () => {
    const { actor } = await anAccount()
    const { name } = await aModel(actor)
    const model = await setCover(
      actor,
      actor.username,
      name,
      await aPicture({ width: 4000, height: 2000 }).png().toBuffer(),
    )
    const { picture } = await getCover(null, actor.username, name, `${model.cover_upload}.webp`)
    expect(await sharp(picture).metadata()).toMatchObject({ width: 1600, height: 800 })
  })
})

describe("refused with a clear sentence:", () => {
  const bomb = () => aPicture({ width: 10_000, height: 10_000 }).png({ compressionLevel: 9 }).toBuffer()
  const svg = '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
  test.each<[string, () => Buffer | Promise<Buffer>, RegExp]>([
    ["an SVG", () => Buffer.from(svg), /SVG is not supported/],
    ["an SVG that begins like a GIF", () => Buffer.from(`GIF89a${svg}`), /not a valid image/],
    [
      "an SVG behind an XML head",
      () => Buffer.from(`\n<?xml version="1.0"?>\n<!-- x -->${svg}`),
      /SVG is not supported/,
    ],
    ["a small file of a hundred million pixels", bomb, /more than 40 million pixels/],
    ["a TIFF", () => aPicture().tiff().toBuffer(), /not a valid image/],
    ["a PDF", () => Buffer.from("%PDF-1.4\n1 0 obj\n<<>>\nendobj\n"), /not a valid image/],
    ["a text", () => Buffer.from("hello"), /not a valid image/],
    ["a web page", () => Buffer.from("<!doctype html><script>alert(1)</script>"), /not a valid image/],
    [
      "half a picture",
      async () => (await aPicture({ width: 400, height: 400, background: "red" }).jpeg().toBuffer()).subarray(0, 900),
      /not a valid image/,
    ],
    ["nothing", () => Buffer.alloc(0), /Choose an image first/],
    ["too many bytes", () => Buffer.alloc(pictureLimit + 1), /at most 8 MB/],
  ])("%s", async (_what, bytes, sentence) => {
    const { actor } = await anAccount()
    const { name } = await aModel(actor)
    await expect(setCover(actor, actor.username, name, await bytes())).rejects.toMatchObject({
      fields: { cover: expect.stringMatching(sentence) },
    })
    expect(await getModel(null, actor.username, name)).toMatchObject({ cover_upload: null })
  })
})

describe("who sees a cover", () => {
  test("of a private model: its owner only", async () => {
    const { actor, name, file } = await aModelWithCover("private")
    await expect(getCover(actor, actor.username, name, file)).resolves.toMatchObject({ visibility: "private" })
    for (const who of [null, (await anAccount()).actor])
      await expect(getCover(who, actor.username, name, file)).rejects.toMatchObject(missing)
  })

  test("nobody by its name alone: it belongs to a model", async () => {
    const { file } = await aModelWithCover("private", "navy")
    const other = await anAccount()
    const { name } = await aModel(other.actor)
    await expect(getCover(other.actor, other.actor.username, name, file)).rejects.toMatchObject(missing)
  })

  test("under the model's old name, as under the new", async () => {
    const { actor, name, file } = await aModelWithCover()
    await renameModel(actor, actor.username, name, { name: "renamed" })
    await expect(getCover(null, actor.username, name, file)).resolves.toBeDefined()
  })

  test.each(["../../auth-secret", "x.webp", ".webp", `${"0".repeat(64)}.webp`, ""])("%j is no cover", async (file) => {
    const { actor, name } = await aModelWithCover()
    await expect(getCover(actor, actor.username, name, file)).rejects.toMatchObject(missing)
  })
})

describe("a cover that is no longer shown is gone", () => {
  test("when another is uploaded, a link is set, or the model is deleted", async () => {
    const first = await aModelWithCover("public", "tomato")
    const second = await setCover(
      first.actor,
      first.actor.username,
      first.name,
      await aPicture({ background: "royalblue" }).png().toBuffer(),
    )
    expect([await isKept(first.upload), await isKept(second.cover_upload!)]).toEqual([false, true])
    await updateModel(first.actor, first.actor.username, first.name, { cover_image_url: "https://example.com/x.png" })
    expect(await isKept(second.cover_upload!)).toBe(false)

    const third = await aModelWithCover("private", "gold")
    await deleteModel(third.actor, third.actor.username, third.name)
    expect(await isKept(third.upload)).toBe(false)
  })

  test("unless another model shows the same picture", async () => {
    const first = await aModelWithCover("public", "plum")
    const second = await aModelWithCover("public", "plum")
    expect(second.upload).toBe(first.upload)
    await updateModel(first.actor, first.actor.username, first.name, { cover_image_url: null })
    await expect(getCover(null, second.actor.username, second.name, second.file)).resolves.toBeDefined()
  })

  test("unless it is not known whether another model shows it", async () => {
    const picture = Buffer.from("a picture that another model has begun to show")
    const hash = await storeUpload(picture)
    const answers = [() => Promise.resolve(false), () => Promise.reject(new Error("The database is away."))]
    await dropUpload(hash, () => answers.shift()!())
    expect(await readUpload(hash)).toEqual(picture)
  })

  test("many uploads and removals of one picture at once lose it for nobody who shows it", async () => {
    const bytes = await aPicture({ background: "olive" }).png().toBuffer()
    const owners = await Promise.all(
      Array.from({ length: 8 }, async () => {
        const { actor } = await anAccount()
        return { actor, name: (await aModel(actor)).name }
      }),
    )
    for (let round = 0; round < 5; round++) {
      await Promise.all(
        owners.map(async ({ actor, name }, n) => {
          if ((n + round) % 2) await setCover(actor, actor.username, name, bytes)
          else await updateModel(actor, actor.username, name, { cover_image_url: null })
        }),
      )
      for (const { actor, name } of owners) {
        const { cover_upload } = await getModel(null, actor.username, name)
        if (cover_upload)
          await expect(getCover(null, actor.username, name, `${cover_upload}.webp`)).resolves.toBeDefined()
      }
    }
  })
})

test("a client that sends a whole model back keeps its uploaded cover", async () => {
  const { actor, name, model, upload } = await aModelWithCover()
  await updateModel(actor, actor.username, name, {
    description: "new",
    cover_image_url: presentModelSummary(model, "https://here.example").cover_image_url,
  })
  expect(await getModel(null, actor.username, name)).toMatchObject({
    description: "new",
    cover_upload: upload,
    cover_image_url: null,
  })
})

test("only the owner sets a cover", async () => {
  const { actor } = await anAccount()
  const { name } = await aModel(actor)
  await expect(setCover((await anAccount()).actor, actor.username, name, Buffer.alloc(0))).rejects.toMatchObject({
    kind: "forbidden",
  })
})

test("an upload that ends after its member was removed or demoted is refused, and nothing of it stays", async () => {
  const { organization, actor } = await anOrganization()
  const bytes = await aPicture({ background: "crimson" }).png().toBuffer()
  for (const visibility of ["public", "private"] as const) {
    const { name } = await aModel(actor, { owner: organization.username, visibility })
    const leaver = await aMember(actor, organization, "developer")
    await removeMember(actor, organization, leaver.username)
    // This actor's rights are those from before the removal.
    await expect(setCover(leaver, organization.username, name, bytes)).rejects.toMatchObject({
      kind: visibility === "public" ? "forbidden" : "missing",
    })
    const viewer = await aMember(actor, organization, "developer")
    await changeRole(actor, organization, viewer.username, "viewer")
    await expect(setCover(viewer, organization.username, name, bytes)).rejects.toMatchObject({ kind: "forbidden" })
    expect(await getModel(actor, organization.username, name)).toMatchObject({ cover_upload: null })
  }
  const { cover_upload } = await setCover(
    actor,
    organization.username,
    (await aModel(actor, { owner: organization.username })).name,
    bytes,
  )
  const other = await aModel(actor, { owner: organization.username })
  const leaver = await aMember(actor, organization, "developer")
  await removeMember(actor, organization, leaver.username)
  await expect(setCover(leaver, organization.username, other.name, bytes)).rejects.toMatchObject({ kind: "forbidden" })
  expect(await isKept(cover_upload!)).toBe(true)
})
