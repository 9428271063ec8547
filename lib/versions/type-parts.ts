import type { Field, Form, Kind, Shape } from "./read-form"

/** An input or output of a version, with the name of its type. */
export type Part = { name: "Input" | "Output" | "TrainingInput" | "TrainingOutput"; says: string; shape: Shape }

const objectOf = (fields: Field[]): Shape => ({ kind: "object", type: "object", fields })

export function partsOf({ inputs, output, training, trains_only, too_large }: Form): Part[] {
  const given = (fields: Field[]): Shape => (too_large ? { kind: "object", type: "object" } : objectOf(fields))
  return [
    ...(trains_only
      ? []
      : ([
          { name: "Input", says: "What a prediction takes.", shape: given(inputs) },
          { name: "Output", says: "What a prediction gives.", shape: output },
        ] as const)),
    ...(training
      ? ([
          { name: "TrainingInput", says: "What a training takes.", shape: given(training.inputs) },
          { name: "TrainingOutput", says: "What a training gives.", shape: training.output },
        ] as const)
      : []),
  ]
}

/** The description and constraints of a field, one per line. */
export function linesAbout(field: Field): string[] {
  const { description, min, max, above, below, shortest, longest, pattern, accept, kind, default: preset } = field
  const bounds = [
    min !== undefined && `${above ? "more than" : "at least"} ${min}`,
    max !== undefined && `${below ? "less than" : "at most"} ${max}`,
    shortest !== undefined && `at least ${counted(shortest, kind)}`,
    longest !== undefined && `at most ${counted(longest, kind)}`,
  ].filter((bound) => bound !== false)
  const facts = [
    ...(kind === "integer" ? ["A whole number."] : []),
    ...(kind === "date-time" ? ["A date and time, such as 2026-01-31T12:00:00Z."] : []),
    ...(kind === "secret" ? ["A secret."] : []),
    ...(bounds.length > 0 ? [`${bounds.join(", ")}.`.replace(/^./, (letter) => letter.toUpperCase())] : []),
    ...(accept !== undefined ? [`Accepts ${accept}`] : []),
    ...(pattern !== undefined ? [`Pattern: ${pattern}`] : []),
    ...(preset !== undefined ? [`Default: ${preset.length > 200 ? `${preset.slice(0, 200)}…` : preset}`] : []),
  ]
  return [...(description === undefined ? [] : linesIn(description)), ...facts.flatMap(linesIn)]
}

const counted = (count: number, kind: Kind) =>
  `${count} ${kind === "array" ? (count === 1 ? "entry" : "entries") : count === 1 ? "character" : "characters"}`

/** The lines of a text, without characters that would end a comment. */
export const linesIn = (text: string): string[] =>
  text
    // oxlint-disable-next-line no-control-regex
    .replace(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\ufeff]+/g, " ")
    .split(/[\n\u2028\u2029]/)
    .map((line) => line.trim().replaceAll("*/", "*\\/"))
    .filter((line) => line !== "")

/** A string literal that can be encoded as UTF-8. */
export const quoted = (text: string): string =>
  JSON.stringify(text).replaceAll("\u2028", "\\u2028").replaceAll("\u2029", "\\u2029")
