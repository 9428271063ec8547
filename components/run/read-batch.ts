import type { Field } from "@/lib/versions/read-form"
import { controlOf, readInput, readWholeInput, wholeInput } from "./read-input"

export type ReadBatch = { inputs: Record<string, unknown>[]; problem?: string }

/** Parses a batch: JSON Lines, or CSV with the names of the inputs in the first line. A blank cell omits its input. */
export function readBatch(text: string, fields: Field[]): ReadBatch {
  const trimmed = text.trim()
  if (trimmed === "") return { inputs: [], problem: "Paste lines of JSON, or CSV with a line of names first." }
  return trimmed.startsWith("{") ? fromJsonLines(trimmed) : fromCsv(trimmed, fields)
}

function fromJsonLines(text: string): ReadBatch {
  const inputs: Record<string, unknown>[] = []
  for (const [at, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === "") continue
    const { input, complaints } = readWholeInput(line)
    if (complaints[wholeInput]) return { inputs: [], problem: `Line ${at + 1}: ${complaints[wholeInput]}` }
    inputs.push(input)
  }
  return { inputs }
}

function fromCsv(text: string, fields: Field[]): ReadBatch {
  const rows = csvRows(text)
  const names = (rows[0] ?? []).map((name) => name.trim())
  const unknown = names.filter((name) => !fields.some((field) => field.name === name))
  if (unknown.length > 0)
    return { inputs: [], problem: `The first line names ${unknown.join(", ")}, which the model does not take.` }
  if (rows.length < 2) return { inputs: [], problem: "There is no line below the names." }
  const inputs: Record<string, unknown>[] = []
  for (const [at, cells] of rows.slice(1).entries()) {
    if (cells.length !== names.length)
      return { inputs: [], problem: `Row ${at + 2} has ${cells.length} cells, and the first one has ${names.length}.` }
    const texts = new Map(names.map((name, n) => [controlOf(name), cells[n]!]))
    const known = fields.filter(({ name }) => names.includes(name) && texts.get(controlOf(name)) !== "")
    const { input, complaints } = readInput(
      known.map((field) => (field.kind === "choice" ? { ...field, kind: "any" as const } : field)),
      (control) => texts.get(control),
    )
    const [wrong] = Object.entries(complaints)
    if (wrong) return { inputs: [], problem: `Row ${at + 2}, ${wrong[0].replace(/^input\./, "")}: ${wrong[1]}` }
    inputs.push(input)
  }
  return { inputs }
}

/** Parses CSV (RFC 4180): quoted cells may contain commas, line breaks and doubled quotes. */
export function csvRows(text: string): string[][] {
  const rows: string[][] = [[]]
  let cell = ""
  let quoted = false
  const end = () => {
    rows.at(-1)!.push(cell)
    cell = ""
  }
  for (let at = 0; at < text.length; at++) {
    const character = text[at]!
    if (quoted) {
      if (character !== '"') cell += character
      else if (text[at + 1] === '"') {
        cell += '"'
        at++
      } else quoted = false
    } else if (character === '"' && cell === "") quoted = true
    else if (character === ",") end()
    else if (character === "\n") {
      end()
      rows.push([])
    } else if (character !== "\r") cell += character
  }
  end()
  return rows.filter((row) => row.some((one) => one !== ""))
}
