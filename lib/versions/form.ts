import { log } from "@/lib/log"
import { defineTask, OverBudget, runInWorker } from "@/lib/worker/worker"
import { unread, type Field, type Form, type Shape } from "./read-form"

export type { Field, Form, Kind, Operation, Output, Shape } from "./read-form"

const reading = defineTask<string, Form>("lib/versions/read-form.ts", "readForm")

/** What a schema says that a model takes and gives. Null when there is none, and when it could not be read now but can be later. */
export async function formOf(schema: string | null): Promise<Form | null> {
  if (!schema) return null
  try {
    return await runInWorker(reading, schema, { deadlineMs: 800 })
  } catch (error) {
    if (error instanceof OverBudget && error.of !== "queue") return unread
    log("warn", "a schema could not be read", { error })
    return null
  }
}

/** What there is to show of a version without a schema. */
export const noForm: Form = { ...unread, too_large: false }

/** The parts of an output that is an object, or a list of them. */
export const fieldsIn = ({ fields, items }: Shape): Field[] => fields ?? items?.fields ?? []

/** Something for everything that has to be given, to try a model with. */
export const exampleInput = (fields: Field[]): Record<string, unknown> =>
  Object.fromEntries(fields.filter((field) => field.required).map((field) => [field.name, exampleOf(field)]))

function exampleOf({ kind, options, min, nullable }: Field): unknown {
  switch (kind) {
    case "choice":
      return JSON.parse(options![0]!)
    case "integer":
    case "number":
      return Number(min ?? 1)
    case "boolean":
      return true
    case "file":
      return "https://example.com/file"
    case "object":
      return {}
    case "array":
      return []
    default:
      return nullable ? null : "…"
  }
}
