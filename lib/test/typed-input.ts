import { controlOf, textsFor } from "@/components/run/read-input"
import type { Field } from "@/lib/versions/read-form"

/** The text that a person might type into a field. */
export function typed(field: Field): string {
  const usual = textsFor([field], null)[controlOf(field.name)]!
  if (field.default !== undefined) return usual
  switch (field.kind) {
    case "choice":
      return field.options![0]!
    case "integer":
    case "number": {
      const [min, max] = [Number(field.min ?? 0), Number(field.max ?? Infinity)]
      return String(Math.min(max, field.kind === "integer" ? Math.ceil(min) : min))
    }
    case "boolean":
      return "true"
    case "file":
      return "https://example.com/file.png"
    case "date-time":
      return "2026-01-31T12:00:00Z"
    case "array":
      return JSON.stringify(field.items?.kind === "file" ? ["https://example.com/file.png"] : [])
    case "object":
      return "{}"
    case "null":
      return "null"
    default:
      return "a text"
  }
}
