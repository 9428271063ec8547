import { readFileSync } from "node:fs"
import Replicate from "replicate"
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest"

import { env } from "@/env"
import { publishBundledModels } from "@/lib/bundled/publish"
import { anAccount, aToken } from "@/lib/test/factories"
import { aRunningHub } from "@/lib/test/running"
import { buildApi } from "./api"

// The unmodified official client trains over HTTP, on a runner with the bundled models. Its other calls are tested in
// e2e/predictions.spec.ts.

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

describe("deployments", () => {
  test("replicate creates, reads, lists, changes, runs and deletes them", async () => {
    const { latest_version } = await replicate.models.get("understudy", "echo")
    const created = await replicate.deployments.create({
      name: "greeter",
      model: "understudy/echo",
      version: latest_version!.id,
      hardware: "cpu-small",
      min_instances: 0,
      max_instances: 1,
    })
    expect(created).toMatchObject({
      owner: username,
      name: "greeter",
      current_release: {
        number: 1,
        model: "understudy/echo",
        version: latest_version!.id,
        created_by: { username },
        configuration: { hardware: "cpu-small", min_instances: 0, max_instances: 1 },
      },
    })
    expect(await replicate.deployments.get(username, "greeter")).toEqual(created)
    expect((await replicate.deployments.list()).results).toEqual([created])
    expect(await replicate.deployments.update(username, "greeter", { max_instances: 2 })).toMatchObject({
      current_release: { number: 2, configuration: { max_instances: 2 } },
    })

    const prediction = await replicate.deployments.predictions.create(username, "greeter", {
      input: { text: "hello there" },
      wait: 60,
    })
    // `wait` may end first on a busy machine.
    const ended = await replicate.wait(prediction, { interval: 100 })
    expect(ended).toMatchObject({ status: "succeeded", output: ["hello", " there"], version: latest_version!.id })
    expect(ended).toMatchObject({ deployment: `${username}/greeter` })

    // A deployment that has just run cannot be deleted.
    await expect(replicate.deployments.delete(username, "greeter")).rejects.toThrow(/400/)
    const quiet = await replicate.deployments.create({
      name: "quiet",
      model: "understudy/echo",
      version: latest_version!.id,
      hardware: "cpu-small",
      min_instances: 0,
      max_instances: 1,
    })
    expect(await replicate.deployments.delete(quiet.owner, quiet.name)).toBe(true)
    await expect(replicate.deployments.get(quiet.owner, quiet.name)).rejects.toThrow(/404/)
  }, 120_000)
})
