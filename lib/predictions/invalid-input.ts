import { Problem } from "@/lib/problem"

/** What is wrong with a part of a request, in the words that clients of Replicate's API know. `field` is a dotted path; empty for the body itself. */
export type InvalidField = { type: string; field: string; description: string }

/** The refusal of a prediction whose body or input is not what it has to be: everything that is wrong at once, a line each. */
export class InvalidInput extends Problem {
  constructor(readonly invalid_fields: InvalidField[]) {
    super("invalidInput", invalid_fields.map(lineOf).join(""))
  }
}

const lineOf = ({ field, description }: InvalidField) => `- ${field ? `${field}: ` : ""}${description}\n`
