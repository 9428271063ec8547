import { expect, test } from "vitest"

import { anAccount } from "@/lib/test/factories"
import { getWebhookSecret } from "./secret"
import { signedHeaders } from "./sign"
import { getOwnSink, isSink, maxRequests, openSink, receive, sinkSecretIn } from "./sink"

test("a sink shows what arrived, and whether it is signed with the account's secret", async () => {
  const { actor } = await anAccount()
  expect(await getOwnSink(actor)).toBeNull()
  const { secret } = await openSink(actor)
  const headers = signedHeaders([await getWebhookSecret(actor)], { id: "msg_1", body: "{}" })
  await receive(secret, { ...headers, cookie: "private" }, "{}")
  await receive(secret, headers, '{"forged": true}')
  await receive(secret, {}, "plain")
  const { requests } = (await getOwnSink(actor))!
  expect(requests.map(({ body, signed }) => [body, signed])).toEqual([
    ["plain", false],
    ['{"forged": true}', false],
    ["{}", true],
  ])
  expect(Object.keys(requests[2]!.headers)).not.toContain("cookie")
})

test("a sink ends with the next one, and keeps no more than the newest", async () => {
  const { actor } = await anAccount()
  const first = await openSink(actor)
  const { secret } = await openSink(actor)
  await expect(receive(first.secret, {}, "")).rejects.toMatchObject({ kind: "missing" })
  await expect(receive("0".repeat(26), {}, "")).rejects.toMatchObject({ kind: "missing" })
  for (let n = 0; n < maxRequests + 3; n++) await receive(secret, {}, String(n))
  const { requests } = (await getOwnSink(actor))!
  expect(requests).toHaveLength(maxRequests)
  expect(requests[0]!.body).toBe(String(maxRequests + 2))
})

test("an address that only looks like one of a sink is somebody else's", async () => {
  const { actor } = await anAccount()
  const { secret } = await openSink(actor)
  expect(await isSink(secret)).toBe(true)
  expect(await isSink("1".repeat(26))).toBe(false)
})

test("only an address of a sink has the secret of one", () => {
  const secret = "0".repeat(26)
  expect(sinkSecretIn(`https://here.example/hooks/${secret}`)).toBe(secret)
  for (const other of ["https://here.example/hooks/short", `https://here.example/x/hooks/${secret}`, "nothing"])
    expect(sinkSecretIn(other)).toBeUndefined()
})
