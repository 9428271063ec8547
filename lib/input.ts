import { z } from "zod"

// What every text that people enter goes through. The browser imports this file.

/** No database keeps a NUL, and half a character is none. */
const clean = (text: string) => text.replaceAll("\0", "").replace(/\p{Cs}/gu, "\ufffd")

/** A text that is kept. `error` is for what is none. */
export const cleanText = (error = "Enter a text."): z.ZodString => z.string({ error }).overwrite(clean)

/** Blank means nothing, which is null. Whether it may be left out, too, is for `text` to say: nullable, or nullish. */
export const blankIsNull = <T extends z.ZodType>(text: T) =>
  z.preprocess((value) => (typeof value === "string" && value.trim() === "" ? null : value), text)

/** A URI is of ASCII alone; what people paste out of a browser often is not. */
const encoded = (link: string) => link.replace(/[^\x21-\x7e]+/gu, encodeURIComponent)

const notAnUrl = "Enter a URL that starts with https:// or http://."

/** The address of a page, as a URI. */
export const Link = cleanText("Enter a URL.")
  .trim()
  .max(2000, "A URL has at most 2,000 characters.")
  .regex(/^https?:\/\/[^\s/?#]+\S*$/i, notAnUrl)
  .refine((link) => URL.canParse(link), notAnUrl)
  .overwrite(encoded)

/** A link that was not entered here, as a URI; null for what is no link. */
export function linkOf(text: string | null | undefined): string | null {
  const link = encoded(text ?? "")
  return /^https?:/i.test(link) && URL.canParse(link) ? link : null
}
