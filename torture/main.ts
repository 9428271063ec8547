// `npm run torture`: what an installation has to survive, each trial with its result. `--short` for the run of `npm test`,
// `--long` for the long one, `--only WORD` to select trials, `--seed N` to repeat a fuzz run.
import { parseArgs } from "node:util"

import { authority } from "./authority"
import { buckets } from "./buckets"
import { contention } from "./contention"
import { corpora } from "./corpora"
import { costs } from "./cost"
import { crashes } from "./crashes"
import { deployments } from "./deployments"
import { engines } from "./engine"
import { fuzzing } from "./fuzz"
import { leaving } from "./shutdown"
import { machines } from "./machines"
import { predictionFaults } from "./prediction-faults"
import { predictions } from "./predictions"
import { secrecy } from "./secrecy"
import { storage } from "./storage"
import { trainings } from "./trainings"
import { CannotTry, long, short } from "./trial"

const { values } = parseArgs({
  options: {
    long: { type: "boolean" },
    short: { type: "boolean" },
    only: { type: "string" },
    seed: { type: "string" },
  },
})
const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31))
const usual = { ...short, deaths: long.deaths }
const scale = { ...(values.long ? long : values.short ? short : usual), seed }

const counts = { passed: 0, failed: 0, skipped: 0 }
for (const { name, run } of [
  ...crashes,
  ...contention,
  ...predictions,
  ...predictionFaults,
  ...deployments,
  ...engines,
  ...trainings,
  ...storage,
  ...leaving,
  ...authority,
  ...machines,
  ...buckets,
  ...secrecy,
  ...fuzzing,
  ...costs,
  ...corpora,
]) {
  if (values.only && !name.toLowerCase().includes(values.only.toLowerCase())) continue
  const began = performance.now()
  const say = (mark: string, figure: string) =>
    console.log(
      `${mark} ${name.padEnd(30)} ${((performance.now() - began) / 1000).toFixed(1).padStart(6)} s   ${figure}`,
    )
  try {
    const { ok, figure } = await run(scale)
    counts[ok ? "passed" : "failed"]++
    say(ok ? "✓" : "✗", figure)
  } catch (error) {
    if (error instanceof CannotTry) {
      counts.skipped++
      say("!", `NOT TRIED: ${error.message}`)
      continue
    }
    counts.failed++
    say("✗", error instanceof Error ? error.stack! : String(error))
  }
}
console.log(`\ntorture: ${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`)
process.exit(counts.failed > 0 ? 1 : 0)
