import { expect, test } from "vitest"

import { aTextModel } from "@/lib/test/text-model"
import { createPrediction } from "./create"
import { endPrediction } from "./end"
import { fits, listFitting } from "./fitting"

test("predictions are shown together as far as they fit, and not to those who may not see them", async () => {
  const { alice, bob, version } = await aTextModel()
  const run = async (output: string) => {
    const made = await createPrediction(
      alice,
      { version: "named" },
      { version: version.id, input: { text: "given" } },
      { site: "" },
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
