import { afterAll, beforeAll, expect, test } from "vitest"

import type { Actor } from "@/lib/auth/actor"
import { deleteModel } from "@/lib/models/model"
import { hasPushToken, issuePushToken } from "@/lib/registry/push-token"
import { aModel, anAccount, aName, anOrganization } from "@/lib/test/factories"
import { aRegistry, basic, pushImage, sha256, type Registry } from "@/lib/test/registry"
import { listTokens, revokeToken } from "@/lib/tokens/token"
import { deleteVersion, listVersions } from "@/lib/versions/version"

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

test("whether a model has a push token that works is known", async () => {
  const other = await aModel(alice, { visibility: "private" })
  expect(await hasPushToken(other)).toBe(false)
  await issuePushToken(alice, alice.username, other.name)
  expect(await hasPushToken(other)).toBe(true)
  const [newest] = await listTokens(alice)
  await revokeToken(alice, newest!.id)
  expect(await hasPushToken(other)).toBe(false)
})

test("a push token lists the tags of its model, too", async () => {
  const { status } = await registry.call("GET", `/v2/${alice.username}/${own}/tags/list`, { auth })
  expect(status).toBe(200)
})

test("the push token of an organization's model signs in as the organization only", async () => {
  const {
    organization: { username },
    actor,
  } = await anOrganization()
  const { name } = await aModel(actor, { owner: username, visibility: "private" })
  const secret = await issuePushToken(actor, username, name)
  expect((await registry.call("GET", "/v2/", { auth: basic(username, secret) })).status).toBe(200)
  expect((await registry.call("GET", "/v2/", { auth: basic(actor.username, secret) })).status).toBe(401)
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

test("a model that was pushed to with a push token can be deleted, and the token ends with it", async () => {
  const { name } = await aModel(alice, { visibility: "private" })
  const secret = await issuePushToken(alice, alice.username, name)
  await pushImage(registry, `${alice.username}/${name}`, basic(alice.username, secret))
  const [version] = (await listVersions(alice, alice.username, name)).rows
  await deleteVersion(alice, alice.username, name, version!.id)
  await deleteModel(alice, alice.username, name)
  expect((await registry.call("GET", "/v2/", { auth: basic(alice.username, secret) })).status).toBe(401)
})
