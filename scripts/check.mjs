// `npm run check`: types, lint and the unit tests on SQLite, at the same time.
import { prepare } from "./prepare.mjs"
import { lint, summaryLine, types, units } from "./stages.mjs"

await prepare()

const outcomes = await Promise.all([types(), lint(), units("sqlite")])
console.log(`\n${summaryLine(outcomes)}`)
process.exitCode = outcomes.some(({ failed }) => failed > 0) ? 1 : 0
