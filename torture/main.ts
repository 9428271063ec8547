// `npm run torture`: what an installation has to survive, each trial with its result. `--short` for the run of `npm test`,
// `--long` for the long one, `--only WORD` to select trials, `--seed N` to repeat a fuzz run, `--lanes N` for the number
// of trials that run at the same time.
import { fork } from "node:child_process"
import { availableParallelism } from "node:os"
import { parseArgs } from "node:util"

import { long, short, type Outcome, type Trial } from "./trial"
import { trials } from "./trials"

const { values } = parseArgs({
  options: {
    long: { type: "boolean" },
    short: { type: "boolean" },
    only: { type: "string" },
    seed: { type: "string" },
    lanes: { type: "string" },
  },
})
const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31))
const usual = { ...short, deaths: long.deaths }
const scale = { ...(values.long ? long : values.short ? short : usual), seed }
/** Most trials wait: for starts, ends, models, deadlines. */
const lanes = Number(values.lanes ?? 1 + availableParallelism())

const counts = { passed: 0, failed: 0, skipped: 0 }
const marks = { passed: "✓", failed: "✗", skipped: "!" }

/** A process that runs one trial after another; another one takes its place if it ends. */
function aLane() {
  let lane: ReturnType<typeof fork> | undefined
  return {
    run: ({ name }: Trial) =>
      new Promise<Outcome>((resolve) => {
        lane ??= fork("torture/lane.ts")
        const ended = (code: number | null, signal: string | null) => {
          lane = undefined
          resolve({ result: "failed", figure: `its process ended with ${signal ?? code}` })
        }
        lane.once("exit", ended).once("message", (outcome) => {
          lane!.off("exit", ended)
          resolve(outcome as Outcome)
        })
        lane.send({ name, scale })
      }),
    end: () => lane?.disconnect(),
  }
}

async function runAll(queue: Trial[], lanes: number) {
  await Promise.all(
    Array.from({ length: Math.min(lanes, queue.length) }, async () => {
      const lane = aLane()
      for (let trial = queue.shift(); trial; trial = queue.shift()) {
        const began = performance.now()
        const { result, figure } = await lane.run(trial)
        counts[result]++
        const seconds = ((performance.now() - began) / 1000).toFixed(1)
        console.log(`${marks[result]} ${trial.name.padEnd(30)} ${seconds.padStart(6)} s   ${figure}`)
      }
      lane.end()
    }),
  )
}

const wanted = trials.filter(({ name }) => name.toLowerCase().includes((values.only ?? "").toLowerCase()))
await runAll(
  wanted.filter(({ alone }) => !alone),
  lanes,
)
await runAll(
  wanted.filter(({ alone }) => alone),
  1,
)
console.log(`\ntorture: ${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`)
process.exit(counts.failed > 0 ? 1 : 0)
