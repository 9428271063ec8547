import type { InvalidInput } from "@/lib/predictions/invalid-input"
import type { Fields } from "@/lib/problem"
import type { Form } from "@/lib/versions/read-form"
import { readInput, readWholeInput, type ReadInput, wholeInput } from "./read-input"

/** The input that a form sent, by the names of its controls. */
export function readSent(
  { inputs, too_large }: Pick<Form, "inputs" | "too_large">,
  values: Record<string, string | undefined>,
): ReadInput {
  if (too_large) return readWholeInput(values[wholeInput] ?? "")
  return readInput(inputs, (control) => asTyped(values[control]))
}

/** Browsers send every line break of a form as two characters, which nobody has typed. */
export const asTyped = <T extends string | undefined>(text: T): T => text?.replaceAll("\r\n", "\n") as T

/**
 * What the server complains about, by control. "prompt is required" names its field in the text; every other complaint
 * says where it belongs.
 */
export function complaintsOf({ invalid_fields }: InvalidInput): Fields {
  const fields: Fields = {}
  for (const { field, description } of invalid_fields) {
    const path =
      field === "input" ? (/^(\S+) is required$/.exec(description)?.[1] ?? "") : field.replace(/^input\./, "")
    const control = path === "" ? "input" : `input.${path.split(".")[0]}`
    fields[control] ??= field === "input" && path !== "" ? "This is required." : `${description.replace(/\.$/, "")}.`
  }
  return fields
}
