import { ModelError } from "../server/error.mjs"

const maxRows = 100_000

/**
 * Parses examples from CSV (RFC 4180), with columns in any order. Throws a ModelError if it is invalid.
 * @param {string} text @returns {{ text: string, label: string }[]}
 */
export function examplesOf(text) {
  const [header = [], ...rows] = rowsOf(text.replace(/^\uFEFF/, ""))
  const names = header.map((name) => name.trim().toLowerCase())
  const [textAt, labelAt] = ["text", "label"].map((name) => names.indexOf(name))
  if (textAt < 0 || labelAt < 0)
    throw new ModelError(
      `The first line of the examples has to name the columns text and label; it is: ${header.join(",").slice(0, 100)}`,
    )
  const examples = rows
    .map((row) => ({ text: row[textAt]?.trim() ?? "", label: row[labelAt]?.trim() ?? "" }))
    .filter(({ text, label }) => text !== "" && label !== "")
  if (examples.length > maxRows) throw new ModelError("There are more than 100,000 examples.")
  if (new Set(examples.map(({ label }) => label)).size < 2)
    throw new ModelError("The examples need at least two different labels.")
  return examples
}

function rowsOf(text) {
  const rows = []
  let row = []
  for (const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^,\r\n]*))(,|\r?\n|\r|$)/g)) {
    row.push(quoted?.replaceAll('""', '"') ?? plain)
    if (end === ",") continue
    if (row.some((cell) => cell !== "")) rows.push(row)
    row = []
  }
  return rows
}
