import * as fc from "fast-check"
import { expect, test } from "vitest"

import { renderMarkdown } from "@/lib/markdown/markdown"
import { markdownTexts, schemaTexts } from "@/lib/test/grammars"
import { formOf } from "@/lib/versions/form"

// A short deterministic run; for the long one: `FUZZ_RUNS=10000 npx vitest run --project sqlite lib/worker/fuzz`.
const numRuns = Number(process.env.FUZZ_RUNS ?? 25)
const seed = process.env.FUZZ_RUNS ? undefined : 1
const maxMs = 1000
const maxCharacters = 2_000_000

/** CPU time of the whole process, including threads. */
async function spent<T>(work: () => Promise<T>): Promise<{ value: T; ms: number }> {
  const before = process.cpuUsage()
  const value = await work()
  const { user, system } = process.cpuUsage(before)
  return { value, ms: (user + system) / 1000 }
}

test.each([
  ["READMEs", markdownTexts, renderMarkdown],
  ["schemas", schemaTexts, async (text: string) => JSON.stringify(await formOf(text))],
] as const)(
  "%s of any kind are read within a second, or not at all",
  { timeout: 60_000 * Math.max(1, numRuns / 25) },
  async (what, texts, read) => {
    await read("{}")
    const most = { ms: 0, characters: 0 }
    await fc.assert(
      fc.asyncProperty(texts, async (text) => {
        const { value, ms } = await spent(() => read(text))
        most.ms = Math.max(most.ms, ms)
        most.characters = Math.max(most.characters, value.length)
        expect(ms).toBeLessThan(maxMs)
        expect(value.length).toBeLessThan(maxCharacters)
      }),
      { numRuns, endOnFailure: true, ...(seed && { seed }) },
    )
    if (process.env.FUZZ_RUNS) console.info(what, numRuns, most)
  },
)
