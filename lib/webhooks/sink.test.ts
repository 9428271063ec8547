import { expect, test } from "vitest"

import { anAccount } from "@/lib/test/factories"
import { getWebhookSecret } from "./secret"
import { signedHeaders } from "./sign"
import { getOwnRequest, getOwnSink, isSink, maxRequests, openSink, receive, sinkSecretIn } from "./sink"

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

test("a list has the beginnings of what arrived; each is read whole by itself, by its account", async () => {
  const { actor } = await anAccount()
  const { secret } = await openSink(actor)
  await receive(secret, {}, "x".repeat(300_000))
  await receive(secret, {}, "short")
  const [short, long] = (await getOwnSink(actor))!.requests
  expect([short!.body, short!.body_length]).toEqual(["short", 5])
  expect([long!.body.length, long!.body_length]).toEqual([8 * 1024, 256 * 1024])
  expect((await getOwnRequest(actor, long!.id)).body).toHaveLength(256 * 1024)
  const { actor: bob } = await anAccount()
  await openSink(bob)
  for (const [by, id] of [
    [bob, long!.id],
    [actor, NaN],
  ] as const)
    await expect(getOwnRequest(by, id)).rejects.toMatchObject({ kind: "missing" })
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
