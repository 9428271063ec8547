import { readFileSync } from "node:fs"
import Replicate from "replicate"
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest"

import { env } from "@/env"
import { publishBundledModels } from "@/lib/bundled/publish"
import { anAccount, aToken } from "@/lib/test/factories"
import { aRunningHub } from "@/lib/test/running"
import { buildApi } from "./api"

// The official client trains, unchanged, over HTTP, with a runner that runs what comes with the product. What it does besides is in e2e/predictions.spec.ts.

let api: Awaited<ReturnType<typeof buildApi>>
let hub: Awaited<ReturnType<typeof aRunningHub>>
let replicate: Replicate
let username: string
beforeAll(async () => {
  env.RUN_BUNDLED = "on"
  await publishBundledModels()
  hub = await aRunningHub()
  api = await buildApi()
  const baseUrl = `${await api.listen({ host: "127.0.0.1", port: 0 })}/v1`
  const { actor } = await anAccount()
  username = actor.username
  replicate = new Replicate({ auth: await aToken(actor), baseUrl })
})
afterAll(async () => {
  await api.close()
  await hub.close()
})

describe("trainings", () => {
  const examples = `data:text/csv;base64,${readFileSync("lib/test/examples/tickets.csv").toString("base64")}`

  test("replicate creates, polls, lists and cancels them, and runs what came of one", async () => {
    await replicate.models.create(username, "tickets", { visibility: "private", hardware: "cpu-small" })
    const { latest_version } = await replicate.models.get("understudy", "classify-text")
    const train = (input: object) =>
      replicate.trainings.create("understudy", "classify-text", latest_version!.id, {
        destination: `${username}/tickets`,
        input,
      })
    const created = await train({ examples, epochs: 20 })
    expect(created).toMatchObject({ status: "starting", destination: `${username}/tickets` })
    const canceled = await train({ examples, epochs: 1000 })
    expect((await replicate.trainings.cancel(canceled.id)).status).toBe("canceled")

    const trained = await vi.waitFor(
      async () => {
        const now = await replicate.trainings.get(created.id)
        expect(now.status).toBe("succeeded")
        return now
      },
      { timeout: 50_000, interval: 100 },
    )
    expect(trained.logs).toMatch(/loss=/)
    expect(trained.output!.weights).toMatch(/^http/)
    const input = { text: "The app crashes with an error after I sign in" }
    expect(await replicate.run(trained.output!.version as `${string}/${string}:${string}`, { input })).toMatchObject({
      label: "bug",
    })
    expect((await replicate.trainings.list()).results.map(({ id }) => id)).toEqual([canceled.id, created.id])
  })

  test("replicate is told that a destination does not exist", async () => {
    const { latest_version } = await replicate.models.get("understudy", "classify-text")
    await expect(
      replicate.trainings.create("understudy", "classify-text", latest_version!.id, {
        destination: `${username}/nothing`,
        input: { examples },
      }),
    ).rejects.toThrow(/404.*The specified training destination does not exist/s)
  })
})
