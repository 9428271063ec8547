import { parseAsWritten } from "@/lib/exact-json"
import { indentedLength } from "@/lib/indentation"

const longest = 300_000

/** A schema as indented JSON, unless indentation of deep nesting would make it too large. */
export const writtenSchema = (schema: string): string =>
  indentedLength(schema) > longest ? schema : JSON.stringify(parseAsWritten(schema), null, 2)
