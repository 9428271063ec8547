import { expect, test } from "vitest"

import { findPool } from "@/lib/pools/pool"
import { poolOfVersion } from "@/lib/pools/row"
import { createPrediction } from "@/lib/predictions/create"
import { anAccount } from "@/lib/test/factories"
import { aTestModel } from "@/lib/test/running"
import { instanceSpecOf } from "./run-order"

test.each([
  [{ concurrency: { max: 4 } }, 4],
  [{ concurrency: { max: 100_000 } }, 256],
  [{ concurrency: { max: 0 } }, 1],
  [{ concurrency: { max: -4 } }, 1],
  [{ concurrency: { max: 1.5 } }, 1],
  [{ concurrency: { max: "4" } }, 1],
  [{ concurrency: null }, 1],
  [{}, 1],
  [null, 1],
])("cog.yaml with %j gives an instance the slots %i", async (cog_config, slots) => {
  const { actor } = await anAccount()
  const { name, version } = await aTestModel(actor)
  await createPrediction(actor, { version: "named" }, { version: name, input: {} }, { origin: "" })
  const pool = (await findPool(poolOfVersion(version.number)))!
  const live = { id: "0".repeat(26), hardware: "cpu-small", engine: "process", egress: "none" } as never
  expect(await instanceSpecOf({ ...pool, version_row: { ...pool.version_row, cog_config } }, live)).toMatchObject({
    slots,
  })
})
