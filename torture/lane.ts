// A process that runs the trials that main.ts names, one after another. Trials point the settings of their process to
// their data folder, so that those that run at the same time need different processes.
import { CannotTry, type Outcome, type Scale } from "./trial"
import { trials } from "./trials"

async function outcomeOf(name: string, scale: Scale): Promise<Outcome> {
  try {
    const { ok, figure } = await trials.find((trial) => trial.name === name)!.run(scale)
    return { result: ok ? "passed" : "failed", figure }
  } catch (error) {
    if (error instanceof CannotTry) return { result: "skipped", figure: `NOT TRIED: ${error.message}` }
    return { result: "failed", figure: error instanceof Error ? error.stack! : String(error) }
  }
}

process.on("message", async ({ name, scale }: { name: string; scale: Scale }) => {
  process.send!(await outcomeOf(name, scale))
})
// With that, everything that a trial started ends, too.
process.once("disconnect", () => process.exit())
