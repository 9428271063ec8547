import { StringDecoder } from "node:string_decoder"

import { counted, type Chunks, type Found } from "./findings"

// Rows are counted while they are read, so memory does not grow with rows and columns.

/** The maximum part of a table that is read; the rest only counts for the checksum. */
const readLimit = 32 * 1024 * 1024
/** Limits of what is remembered. */
const maxNames = 1000
const maxLabels = 10_000
const longestCell = 200
/** Parsing a longer line could create gigabytes of objects. */
const longestLine = 4 * 1024 * 1024
const shownNames = 20
const shownLabels = 10

/** A row: the beginnings of the wanted cells, and the number of all cells. */
type Row = { cells: string[]; width: number; blank: boolean }

/** Checks a CSV file, whose first row names the columns. */
export async function readCsv(chunks: Chunks): Promise<Found> {
  let header: Row | undefined
  let label = -1
  let rows = 0
  let uneven: { row: number; width: number } | undefined
  const labels = countedLabels()
  const reader = rowReader((row) => {
    if (!header) {
      header = row
      label = row.cells.findIndex((name) => name.trim().toLowerCase() === "label")
      return { from: label, to: label }
    }
    if (row.blank) return
    rows++
    if (row.width !== header.width) uneven ??= { row: rows + 1, width: row.width }
    if (label >= 0) labels.add(row.cells[0] ?? "")
  })
  const cut = await readText(chunks, reader.read)
  // The last row may be incomplete.
  if (!cut) reader.end()
  if (!header) return { facts: [], problem: cut ? "The first row is too long." : "The file is empty." }
  if (header.blank) return { facts: [], problem: "The first row is empty: it has to name the columns." }
  return {
    facts: [
      `A CSV file of ${cut ? "at least " : ""}${counted(rows, "row")} with the columns ${namesOf(header)}`,
      ...(label >= 0 && rows > 0 ? [labels.inWords()] : []),
      ...(uneven ? [`Row ${uneven.row} has ${counted(uneven.width, "column")}, not ${header.width}`] : []),
    ],
    problem: rows === 0 && !cut ? "The file has column names but no rows." : null,
  }
}

function namesOf({ cells, width }: Row): string {
  const names = cells.slice(0, shownNames).map((name) => name.trim().slice(0, 60))
  const more = width - names.length
  return `${names.join(", ")}${more > 0 ? ` and ${more.toLocaleString("en-US")} more` : ""}`
}

function countedLabels() {
  const counts = new Map<string, number>()
  let more = false
  return {
    add(cell: string) {
      const label = cell.trim()
      if (!label) return
      const count = counts.get(label)
      if (count === undefined && counts.size === maxLabels) more = true
      else counts.set(label, (count ?? 0) + 1)
    },
    inWords() {
      const most = [...counts].sort(([, a], [, b]) => b - a).slice(0, shownLabels)
      const shown = most.map(([label, count]) => `${label.slice(0, 40)} (${count})`).join(", ")
      return `${more ? "at least " : ""}${counted(counts.size, "label")}: ${shown}${counts.size > shownLabels ? ", …" : ""}`
    },
  }
}

/** The range of columns to keep in the following rows. */
type Wanted = { from: number; to: number }

function rowReader(found: (row: Row) => Wanted | void) {
  let wanted: Wanted = { from: 0, to: maxNames - 1 }
  let row: Row = { cells: [], width: 0, blank: true }
  let [cell, length, quoted, afterQuote] = ["", 0, false, false]

  const add = (letter: string) => {
    if (length++ < longestCell && row.width >= wanted.from && row.width <= wanted.to) cell += letter
    // A row with only a Windows line ending is blank.
    if (letter !== "\r" || quoted) row.blank = false
  }
  const endCell = () => {
    if (row.width >= wanted.from && row.width <= wanted.to) row.cells.push(cell)
    row.width++
    ;[cell, length, afterQuote] = ["", 0, false]
  }
  const endRow = () => {
    cell = cell.replace(/\r$/, "")
    endCell()
    if (row.width > 1) row.blank = false
    wanted = found(row) ?? wanted
    row = { cells: [], width: 0, blank: true }
  }
  return {
    read(text: string) {
      for (const letter of text) {
        if (quoted) {
          if (letter === '"') [quoted, afterQuote] = [false, true]
          else add(letter)
        } else if (letter === '"' && afterQuote) {
          // Two quotation marks in a quoted cell are an escaped one.
          quoted = true
          afterQuote = false
          add('"')
        } else if (letter === '"' && length === 0) quoted = true
        else if (letter === ",") endCell()
        else if (letter === "\n") endRow()
        else {
          afterQuote = false
          add(letter)
        }
      }
    },
    end() {
      if (length > 0 || row.width > 0) endRow()
    },
  }
}

/** Checks a file of JSON lines. */
export async function readJsonLines(chunks: Chunks): Promise<Found> {
  let line = ""
  let long = false
  let [lines, broken, tooLong] = [0, 0, 0]
  const endLine = () => {
    if (long || line.trim() !== "") {
      lines++
      if (long) tooLong ||= lines
      else if (!broken && !isJson(line)) broken = lines
    }
    ;[line, long] = ["", false]
  }
  const cut = await readText(chunks, (text) => {
    let at = 0
    for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n", at)) {
      if (!long) line += text.slice(at, end)
      endLine()
      at = end + 1
    }
    if (!long) line += text.slice(at)
    if (line.length > longestLine) [line, long] = ["", true]
  })
  if (!cut) endLine()
  if (cut && lines === 0) return { facts: [], problem: "The first line is too long." }
  return {
    facts: [
      `${cut ? "At least " : ""}${counted(lines, "line")} of JSON`,
      ...(tooLong ? [`Line ${tooLong} is too long to be checked`] : []),
    ],
    problem: lines === 0 ? "The file is empty." : broken ? `Line ${broken} is not valid JSON.` : null,
  }
}

/** Reads text in pieces, without a byte order mark. True if it was cut off at the limit. */
async function readText(chunks: Chunks, read: (text: string) => void): Promise<boolean> {
  const decoder = new StringDecoder("utf8")
  let size = 0
  let begun = false
  const pass = (text: string) => {
    if (text === "") return
    read(begun ? text : text.replace(/^\uFEFF/, ""))
    begun = true
  }
  for await (const chunk of chunks) {
    size += chunk.length
    if (size > readLimit) return true
    pass(decoder.write(chunk))
  }
  pass(decoder.end())
  return false
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
