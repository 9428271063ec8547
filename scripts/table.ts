/** A table with columns as wide as their contents, for the command line. */
export function printTable(head: string[], rows: string[][]) {
  const widths = head.map((title, n) => Math.max(...[title, ...rows.map((row) => row[n]!)].map((cell) => cell.length)))
  for (const row of [head, ...rows])
    console.log(
      row
        .map((cell, n) => cell.padEnd(widths[n]!))
        .join("  ")
        .trimEnd(),
    )
}
