import { isTooNested } from "@/lib/indentation"
import { fits } from "@/lib/predictions/fits"
import { jsonText } from "./json-text"

/** Whether a value is too large, or nested too deeply, to be shown as code. */
export function isLarge(value: unknown): boolean {
  const text = jsonText(value) ?? ""
  return text.length > fits.one || isTooNested(text)
}
