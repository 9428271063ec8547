import { afterAll, beforeAll, expect, test } from "vitest"

import type { Actor } from "@/lib/auth/actor"
import { issuePushToken } from "@/lib/registry/push-token"
import { aModel, anAccount, aName } from "@/lib/test/factories"
import { aRegistry, basic, pushImage, sha256, type Registry } from "@/lib/test/registry"

let registry: Registry
let alice: Actor
let auth: string
let own: string

beforeAll(async () => {
  registry = await aRegistry()
  alice = (await anAccount()).actor
  own = (await aModel(alice, { visibility: "private" })).name
  auth = basic(alice.username, await issuePushToken(alice, alice.username, own))
})
afterAll(() => registry.close())

test("a push token pushes to its model", async () => {
  expect((await pushImage(registry, `${alice.username}/${own}`, auth)).status).toBe(201)
})

test.each([
  ["GET", "tags/list"],
  ["GET", "manifests/latest"],
  ["PUT", "manifests/latest"],
  ["DELETE", "manifests/latest"],
  ["POST", "blobs/uploads/"],
  ["PATCH", `blobs/uploads/${"0".repeat(36)}`],
  ["HEAD", `blobs/${sha256("x")}`],
  ["DELETE", `blobs/${sha256("x")}`],
])("to %s %s, another private model is as absent as one that never was", async (method, path) => {
  const answer = async (repository: string) => {
    const { status, text, headers } = await registry.call(method, `/v2/${repository}/${path}`, { auth })
    const { date: _date, ...rest } = headers
    const name = repository.split("/")[1]!
    return JSON.stringify([status, text, rest]).replaceAll(name, "NAME")
  }
  const never = aName("model")
  const hidden = aName("model")
  await aModel(alice, { name: hidden, visibility: "private" })
  expect(await answer(`${alice.username}/${hidden}`)).toBe(await answer(`${alice.username}/${never}`))
})
