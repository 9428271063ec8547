import type { InvalidInput } from "@/lib/predictions/invalid-input"
import type { Fields } from "@/lib/problem"
import type { Form } from "@/lib/versions/read-form"
import { readInput, readWholeInput, type ReadInput, wholeInput } from "./read-input"

/** Reads the input from a submitted form; `values` are by control name. */
export function readSent(
  { inputs, too_large }: Pick<Form, "inputs" | "too_large">,
  values: Record<string, string | undefined>,
): ReadInput {
  if (too_large) return readWholeInput(values[wholeInput] ?? "")
  return readInput(inputs, (control) => asTyped(values[control]))
}

/** Undoes the conversion of line breaks to CRLF by browsers that submit a form. */
export const asTyped = <T extends string | undefined>(text: T): T => text?.replaceAll("\r\n", "\n") as T

/**
 * The server's errors by control. "prompt is required" names its field only in the text; all other errors have a path.
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
