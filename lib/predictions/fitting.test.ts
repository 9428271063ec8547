import { expect, test } from "vitest"

import { now } from "@/lib/clock"
import { aRun } from "@/lib/test/runs"
import { aTextModel } from "@/lib/test/text-model"
import { createPrediction } from "./create"
import { endPrediction } from "./end"
import { getFitting, listFitting } from "./fitting"
import { fits } from "./fits"

test("predictions are shown together as far as they fit, and not to those who may not see them", async () => {
  const { alice, bob, version } = await aTextModel()
  const run = async (output: string) => {
    const made = await createPrediction(
      alice,
      { version: "named" },
      { version: version.id, input: { text: "given" } },
      { origin: "" },
    )
    return (await endPrediction(made, { status: "succeeded", output }))!.id
  }
  const ids = [await run("x".repeat(fits.one)), await run("short")]
  for (let n = 0; n < 9; n++) ids.push(await run("x".repeat(fits.one - 1000)))
  const found = await listFitting(alice, [...ids, "nothing"])
  expect([...found.keys()]).toEqual(ids)
  expect([...found.values()].map((one) => (one?.output as string)?.length ?? null)).toEqual([
    null,
    5,
    ...Array.from({ length: 8 }, () => fits.one - 1000),
    null,
  ])
  expect([...(await listFitting(bob, ids)).values()].filter(Boolean)).toEqual([])
})

test("of a large prediction, a page gets the beginning of its text or its first files", async () => {
  const { alice } = await aTextModel()
  const ended = { status: "succeeded", completed_at: now() } as const
  const shown = async (input: Record<string, unknown>, output: unknown, streams: "text" | null = null) => {
    const { id } = await aRun(alice, { ...ended, input, output, streams })
    const { large, ...prediction } = await getFitting(alice, id)
    return { large, input: prediction.input, output: prediction.output }
  }
  const words = Array.from({ length: fits.one }, () => "ab")
  const file = (n: number) => `understudy:/files/${"0".repeat(26)}/${n}.png`
  const files = Array.from({ length: 5000 }, (_, n) => file(n))

  expect(await shown({ text: "short" }, ["a"])).toEqual({
    large: { input: false, output: false },
    input: { text: "short" },
    output: ["a"],
  })
  expect(await shown({ words }, "short")).toMatchObject({ large: { input: true, output: false }, input: {} })
  const large = { input: false, output: true }
  expect(await shown({}, words)).toMatchObject({ large, output: null })
  expect(await shown({}, words, "text")).toMatchObject({ large, output: ["ab".repeat(30_000)] })
  expect(await shown({}, "x".repeat(fits.one + 1))).toMatchObject({ large, output: "x".repeat(60_000) })
  expect(await shown({}, { files })).toMatchObject({ large, output: files.slice(0, 200) })
  // Not even read.
  expect(await shown({}, "x".repeat(fits.all + 1))).toMatchObject({ large, output: null })
})

test("a large prediction is not there for those who may not see it", async () => {
  const { alice, bob } = await aTextModel()
  const { id } = await aRun(alice, { input: { text: "x".repeat(fits.all) } })
  await expect(getFitting(bob, id)).rejects.toMatchObject({ kind: "missing" })
  await expect(getFitting(null, id)).rejects.toMatchObject({ kind: "missing" })
  await expect(getFitting(alice, "nothing")).rejects.toMatchObject({ kind: "missing" })
})
