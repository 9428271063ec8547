import { Problem } from "@/lib/problem"

/** A validation error in the wording of Replicate's API. `field` is a dotted path; empty for the whole body. */
export type InvalidField = { type: string; field: string; description: string }

/** The error for an invalid body or input: all validation errors, one per line. */
export class InvalidInput extends Problem {
  constructor(readonly invalid_fields: InvalidField[]) {
    super("invalidInput", invalid_fields.map(lineOf).join(""))
  }
}

const lineOf = ({ field, description }: InvalidField) => `- ${field ? `${field}: ` : ""}${description}\n`
