import { expect, test, vi } from "vitest"

import { requireScope } from "@/lib/auth/actor"
import { createModel, deleteModel, getModel, updateModel } from "@/lib/models/model"
import { aModel, anAccount, aToken, modelInput } from "@/lib/test/factories"
import { publishVersion } from "@/lib/versions/version"
import { authenticateToken, issueToken, listTokens } from "./token"

test("a token may do what it was issued for, in one order whatever was said", async () => {
  const { actor } = await anAccount()
  const { token, secret } = await issueToken(actor, { name: "ci", scopes: ["push", "read", "read"] })
  expect(token.scopes).toEqual(["read", "push"])
  const holder = await authenticateToken(secret, "api")
  expect(holder).toMatchObject({ scopes: ["read", "push"], token_id: token.id })

  expect(() => requireScope(holder!, "push")).not.toThrow()
  expect(() => requireScope(holder!, "write")).toThrow('This token does not have the scope "write".')
})

test("no entry point lets a token do what it was not issued for", async () => {
  const { actor } = await anAccount()
  const reader = (await authenticateToken(await aToken(actor, { scopes: ["read"] }), "api"))!
  const model = await aModel(actor, { visibility: "private" })
  const refused = { kind: "forbidden", detail: expect.stringContaining('the scope "write"') }

  await expect(createModel(reader, modelInput(actor))).rejects.toMatchObject(refused)
  await expect(updateModel(reader, model.owner, model.name, { description: "x" })).rejects.toMatchObject(refused)
  await expect(deleteModel(reader, model.owner, model.name)).rejects.toMatchObject(refused)
  await expect(publishVersion(reader, model, { id: "0".repeat(64) } as never)).rejects.toMatchObject({
    detail: expect.stringContaining('the scope "push"'),
  })
  expect(await getModel(reader, model.owner, model.name)).toMatchObject({ name: model.name })
})

test("without a word about scopes it may do everything, as whoever is signed in", async () => {
  const { actor } = await anAccount()
  expect((await issueToken(actor, { name: "all" })).token.scopes).toEqual(["read", "write", "push"])
  for (const scope of ["read", "write", "push"] as const) expect(() => requireScope(actor, scope)).not.toThrow()
})

test.each([
  [[], "Choose at least one scope."],
  ["read", "Choose at least one scope."],
  [["admin"], "A scope must be read, write or push."],
])("the scopes %j are refused", async (scopes, complaint) => {
  const { actor } = await anAccount()
  await expect(issueToken(actor, { name: "x", scopes: scopes as string[] })).rejects.toMatchObject({
    issues: [{ message: complaint }],
  })
})

test("a token that expires is good until then and nobody's afterwards", async () => {
  const { actor } = await anAccount()
  const { token, secret } = await issueToken(actor, { name: "short", expires_in_days: "30" })
  expect(Date.parse(token.expires_at!) - Date.parse(token.created_at)).toBeCloseTo(30 * 24 * 3600_000, -4)
  expect(await authenticateToken(secret, "api")).toBeDefined()

  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 30 * 24 * 3600_000 + 5000 })
  expect(await authenticateToken(secret, "api")).toBeUndefined()
  expect((await listTokens(actor))[0]).toMatchObject({ name: "short" })
  vi.useRealTimers()
})

test.each([
  [0, "at least 1 day"],
  [-3, "at least 1 day"],
  [1.5, "whole number"],
  [3651, "at most 3,650"],
  ["soon", "number of days"],
])("%j days are refused", async (expires_in_days, complaint) => {
  const { actor } = await anAccount()
  await expect(issueToken(actor, { name: "x", expires_in_days })).rejects.toThrow(complaint)
})

test.each([null, "", undefined])("%j days mean that it does not expire", async (expires_in_days) => {
  const { actor } = await anAccount()
  expect((await issueToken(actor, { name: "x", expires_in_days })).token.expires_at).toBeNull()
  expect(await authenticateToken(await aToken(actor, { expires_in_days }), "api")).toBeDefined()
})
