import * as fc from "fast-check"
import { expect, test } from "vitest"

import { renderMarkdown } from "@/lib/markdown/markdown"
import { maxCpuMs, spent } from "@/lib/test/cpu"
import { markdownTexts, schemaTexts } from "@/lib/test/grammars"
import { formOf } from "@/lib/versions/form"

// A short deterministic run; for the long one: `FUZZ_RUNS=10000 npx vitest run --project sqlite lib/worker/fuzz`.
const numRuns = Number(process.env.FUZZ_RUNS ?? 25)
const seed = process.env.FUZZ_RUNS ? undefined : 1
const maxCharacters = 2_000_000

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
        expect(ms).toBeLessThan(maxCpuMs)
        expect(value.length).toBeLessThan(maxCharacters)
      }),
      { numRuns, endOnFailure: true, ...(seed && { seed }) },
    )
    if (process.env.FUZZ_RUNS) console.info(what, numRuns, most)
  },
)
