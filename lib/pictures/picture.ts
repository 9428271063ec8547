import type { Sharp } from "sharp"

import { invalid, problem } from "@/lib/problem"

/** The maximum size of an upload. */
export const pictureLimit = 8 * 1024 * 1024
/** Rejected before decoding beyond forty megapixels, more than cameras have: a small file can claim any size. */
const maxPixels = 40_000_000
/** Animations are re-encoded frame by frame; of longer ones, only the first frame is kept. */
const maxFrames = 400
/** The maximum width and height of stored pictures. */
const side = 1600

/** The possible errors of a picture. */
export const pictureProblems = {
  none: "Choose an image first.",
  large: "An image may have at most 8 MB.",
  svg: "SVG is not supported, because it can contain scripts. Upload a PNG, JPEG, WebP, GIF or AVIF.",
  pixels: "The image has more than 40 million pixels. Upload a smaller one.",
  unreadable: "This file is not a valid image. Upload a PNG, JPEG, WebP, GIF or AVIF.",
} as const
type PictureProblem = keyof typeof pictureProblems

/** Re-encodes a picture as WebP of bounded size, without metadata. Throws `invalid` on `field`, or `tooLarge`. */
export async function reencodePicture(bytes: Buffer, field: string, { animated = false } = {}): Promise<Buffer> {
  const refuse = (why: PictureProblem) => invalid({ [field]: pictureProblems[why] })
  if (bytes.length === 0) throw refuse("none")
  if (bytes.length > pictureLimit) throw problem("tooLarge", pictureProblems.large, { [field]: pictureProblems.large })
  if (looksLikeSvg(bytes)) throw refuse("svg")
  if (!signatures.some((signature) => signature.test(bytes.toString("latin1", 0, 16)))) throw refuse("unreadable")

  const picture = await opened(bytes)
  const {
    width = 0,
    height = 0,
    pages = 1,
    format,
  } = await picture.metadata().catch((error: unknown) => {
    throw refuse(isTooManyPixels(error) ? "pixels" : "unreadable")
  })
  if (!formats.has(format ?? "")) throw refuse("unreadable")
  if (width * height > maxPixels) throw refuse("pixels")
  const moves = animated && pages > 1 && pages <= maxFrames && width * height * pages <= maxPixels
  return (moves ? await opened(bytes, -1) : picture)
    .autoOrient()
    .resize({ width: side, height: side, fit: "inside", withoutEnlargement: true })
    .webp({ quality: 82 })
    .timeout({ seconds: 20 })
    .toBuffer()
    .catch((error: unknown) => {
      throw refuse(isTooManyPixels(error) ? "pixels" : "unreadable")
    })
}

async function opened(bytes: Buffer, pages = 1): Promise<Sharp> {
  const sharp = await (guarded ??= load())
  return sharp(bytes, { limitInputPixels: maxPixels, failOn: "error", pages, sequentialRead: true })
}

/** Loaded on first use, and restricted once: disabling a decoder would interrupt running ones. */
let guarded: Promise<typeof import("sharp").default> | undefined

async function load() {
  const { default: sharp } = await import("sharp")
  // Only these decoders are enabled: the library also reads documents and raw formats. SVG is enabled in the process
  // because Next draws preview images with it; uploads never reach it.
  sharp.block({ operation: ["VipsForeignLoad"] })
  sharp.unblock({
    operation: ["Png", "Jpeg", "Webp", "Nsgif", "Heif", "Svg"].map((format) => `VipsForeignLoad${format}Buffer`),
  })
  return sharp
}

const isTooManyPixels = (error: unknown) => error instanceof Error && /pixel limit/i.test(error.message)

/** The file signatures of the accepted formats: https://en.wikipedia.org/wiki/List_of_file_signatures */
const signatures = [/^\x89PNG\r\n/, /^\xff\xd8\xff/, /^RIFF[^]{4}WEBP/, /^GIF8[79]a/, /^[^]{4}ftyp/]
const formats: ReadonlySet<string> = new Set(["png", "jpeg", "webp", "gif", "heif"])

export const looksLikeSvg = (bytes: Buffer) => /^\s*<[^]*<?svg[\s>]/i.test(bytes.subarray(0, 4096).toString("utf8"))
