import type { AddressInfo } from "node:net"
import { afterAll, beforeAll, expect, test } from "vitest"

import { getModel } from "@/lib/models/model"
import { apiFor } from "@/lib/test/api"
import { aModel, anAccount, aToken } from "@/lib/test/factories"
import { heldBack } from "@/lib/test/held-body"
import { authenticateToken, revokeToken } from "@/lib/tokens/token"

let api: Awaited<ReturnType<typeof apiFor>>["api"]
beforeAll(async () => {
  ;({ api } = await apiFor())
  await api.listen({ port: 0, host: "127.0.0.1" })
})
afterAll(() => api.close())

async function heldChange() {
  const { actor } = await anAccount()
  const model = await aModel(actor, { visibility: "private" })
  const token = await aToken(actor)
  const { port } = api.server.address() as AddressInfo
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" }
  const body = Buffer.from(JSON.stringify({ visibility: "public" }))
  const request = await heldBack(port, "PATCH", `/v1/models/${model.owner}/${model.name}`, headers, body)
  const visibility = async () => (await getModel(actor, model.owner, model.name)).visibility
  return { actor, token, request, visibility }
}

test("a change whose body was held back is made", async () => {
  const { request, visibility } = await heldChange()
  expect((await request.finish()).status).toBe(200)
  expect(await visibility()).toBe("public")
})

test("a change whose body was held back until its token was revoked is refused", async () => {
  const { actor, token, request, visibility } = await heldChange()
  await revokeToken(actor, (await authenticateToken(token, "api"))!.token_id!)
  const { status, text } = await request.finish()
  expect(status).toBe(401)
  expect(JSON.parse(text).detail).toBe("You did not pass a valid authentication token")
  expect(await visibility()).toBe("private")
})
