import { z } from "zod"

// Parsing of texts that people enter. The browser imports this file.

/** Databases cannot store NUL, nor half a surrogate pair. */
const clean = (text: string) => text.replaceAll("\0", "").replace(/\p{Cs}/gu, "\ufffd")

/** A text to be stored. `error` is for other types. */
export const cleanText = (error = "Enter a text."): z.ZodString => z.string({ error }).overwrite(clean)

/** Blank becomes null. `text` decides whether the field may be omitted (nullable or nullish). */
export const blankIsNull = <T extends z.ZodType>(text: T) =>
  z.preprocess((value) => (typeof value === "string" && value.trim() === "" ? null : value), text)

/** URIs are ASCII; what people paste from a browser often is not. */
const encoded = (link: string) => link.replace(/[^\x21-\x7e]+/gu, encodeURIComponent)

const notAnUrl = "Enter a URL that starts with https:// or http://."

/** An http(s) URL. */
export const Link = cleanText("Enter a URL.")
  .trim()
  .max(2000, "A URL has at most 2,000 characters.")
  .regex(/^https?:\/\/[^\s/?#]\S*$/i, notAnUrl)
  .refine((link) => URL.canParse(link), notAnUrl)
  .overwrite(encoded)

/** An http(s) URL from elsewhere; null if it is not one. */
export function linkOf(text: string | null | undefined): string | null {
  const link = encoded(text ?? "")
  return /^https?:/i.test(link) && URL.canParse(link) ? link : null
}
