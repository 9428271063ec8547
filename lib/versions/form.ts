import { log } from "@/lib/log"
import { defineTask, OverBudget, runInWorker } from "@/lib/worker/worker"
import { tooLargeForm, type Field, type Form, type Shape } from "./read-form"

export type { Field, Form, Operation, Output, Shape } from "./read-form"

const reading = defineTask<string, Form>("lib/versions/read-form.ts", "readForm")

/** The form of a schema. Null without a schema, or if it cannot be parsed now but may be later. */
export async function formOf(schema: string | null): Promise<Form | null> {
  if (!schema) return null
  try {
    return await runInWorker(reading, schema, { deadlineMs: 800 })
  } catch (error) {
    if (error instanceof OverBudget && error.of !== "queue") return tooLargeForm
    log("warn", "a schema could not be read", { error })
    return null
  }
}

/** The form of a version without a schema. */
export const noForm: Form = { ...tooLargeForm, too_large: false }

/** The fields of an output that is an object or a list of objects. */
export const fieldsIn = ({ fields, items }: Shape): Field[] => fields ?? items?.fields ?? []

/** Sample values for all required inputs. */
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
