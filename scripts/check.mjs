// `npm run check`: types, lint, format and the unit tests on SQLite, at the same time.
import { prepare } from "./prepare.mjs"
import { format, lint, summaryLine, types, units } from "./stages.mjs"

await prepare()

const outcomes = await Promise.all([types(), lint(), format(), units("sqlite")])
console.log(`\n${summaryLine(outcomes)}`)
process.exitCode = outcomes.some(({ failed }) => failed > 0) ? 1 : 0
