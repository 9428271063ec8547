// `node scripts/lengths.mjs [commit]`: how long the source files of each layer are, in the working tree or as they
// were.
import { execFileSync } from "node:child_process"

const [commit] = process.argv.slice(2)

/** @type {[layer: string, holds: (file: string) => boolean][]} */
const layers = [
  ["tests", (file) => /\.(test|spec|last|measure)\.tsx?$/.test(file) || /^(e2e|torture|lib\/test)\//.test(file)],
  ["app", (file) => file.startsWith("app/")],
  ["components", (file) => file.startsWith("components/")],
  ["lib: stores", (file) => /^lib\/.*\b(\w+-)?store\.ts$/.test(file)],
  ["lib: schemas", (file) => /^lib\/.*\/(schema|fields)\.ts$/.test(file)],
  ["lib: presenters", (file) => /^lib\/.*\/(present|words)\.ts$/.test(file)],
  ["lib: verbs and the rest", (file) => file.startsWith("lib/")],
  ["db", (file) => file.startsWith("db/")],
  ["server", (file) => file.startsWith("server")],
  ["scripts", (file) => /^(scripts|bench)\//.test(file)],
]

// Every line matches the empty pattern, so this counts them.
const counted = execFileSync(
  "git",
  ["grep", "-cI", "", ...(commit ? [commit] : []), "--", "*.ts", "*.tsx", "*.mjs", ":!*.d.ts"],
  { encoding: "utf8", maxBuffer: 1e8 },
)
const files = counted
  .trim()
  .split("\n")
  .map(
    (line) =>
      /** @type {const} */ ([
        line.slice(commit ? commit.length + 1 : 0, line.lastIndexOf(":")),
        Number(line.split(":").at(-1)),
      ]),
  )

const row = (/** @type {(string | number)[]} */ ...cells) =>
  console.log(
    cells
      .map((cell, at) => (at === 0 ? String(cell).padEnd(24) : at === 6 ? cell : String(cell).padStart(8)))
      .join(" "),
  )
row("lines of a file", "files", "median", "p90", "longest", "all", "")

for (const [layer, holds] of layers) {
  const own = files
    .filter(([file]) => layers.find(([, those]) => those(file))?.[1] === holds)
    .toSorted(([, one], [, other]) => one - other)
  if (own.length === 0) continue
  const at = (/** @type {number} */ share) => own[Math.min(own.length - 1, Math.floor(own.length * share))]?.[1] ?? 0
  const [longest, most] = own.at(-1) ?? ["", 0]
  row(
    layer,
    own.length,
    at(0.5),
    at(0.9),
    most,
    own.reduce((sum, [, lines]) => sum + lines, 0),
    `  ${longest}`,
  )
}
