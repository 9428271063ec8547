import { setImmediate } from "node:timers/promises"
import { expect, test } from "vitest"

import { write } from "@/db"
import { aModel, anAccount } from "@/lib/test/factories"
import { ensurePool, listPools, rememberPool } from "./pool"

test("a pool whose first write was rolled back is created by the next one", async () => {
  const { id } = await aModel((await anAccount()).actor)
  const key = `version:rolled-back-${id}`
  const add = () => ensurePool({ key, model_id: id, version: "0".repeat(64), hardware: "cpu-small" })
  const failed = write(async (tx) => {
    await add()(tx)
    await setImmediate()
    throw new Error("full")
  })
  await expect(failed).rejects.toThrow("full")
  await setImmediate()
  await write(add())
  expect(await listPools([key])).toMatchObject([{ key }])
})

test("a pool that is known to exist is not written again", async () => {
  rememberPool("version:known")
  const write = ensurePool({ key: "version:known", model_id: 1, version: "0".repeat(64), hardware: "cpu-small" })
  await expect(write(undefined as never)).resolves.toBeUndefined()
})
