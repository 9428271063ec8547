import { afterAll, beforeAll, expect, test } from "vitest"

import { notSignedIn } from "@/lib/auth/actor"
import { aModel, anAccount, aToken } from "@/lib/test/factories"
import { heldBack } from "@/lib/test/held-body"
import { anImage, aRegistry, basic, pushBlob, sha256, type Registry } from "@/lib/test/registry"
import { authenticateToken, revokeToken } from "@/lib/tokens/token"

let registry: Registry
beforeAll(async () => void (registry = await aRegistry()))
afterAll(() => registry.close())

async function aPush() {
  const { actor } = await anAccount()
  const { owner, name } = await aModel(actor)
  const token = await aToken(actor)
  const auth = basic(actor.username, token)
  const revoke = async () => revokeToken(actor, (await authenticateToken(token, "registry"))!.token_id!)
  const held = (method: string, path: string, body: string | Buffer, type: string) =>
    heldBack(
      Number(new URL(registry.origin).port),
      method,
      path,
      { authorization: auth, "content-type": type },
      Buffer.from(body),
    )
  const ownerAuth = basic(actor.username, await aToken(actor))
  const has = async (path: string) =>
    (await registry.call("HEAD", `/v2/${owner}/${name}/${path}`, { auth: ownerAuth })).status === 200
  return { repository: `${owner}/${name}`, auth, revoke, held, has }
}

const refused = (answer: { status: number; text: string }) => {
  expect(answer.status).toBe(401)
  expect(JSON.parse(answer.text).errors).toEqual([expect.objectContaining({ message: notSignedIn })])
}

test("a manifest that was held back until the token was revoked is refused", async () => {
  const { repository, auth, revoke, held, has } = await aPush()
  const image = anImage()
  await pushBlob(registry, repository, auth, image.layer)
  await pushBlob(registry, repository, auth, image.config)
  const request = await held("PUT", `/v2/${repository}/manifests/latest`, image.manifest, image.type)
  await revoke()
  refused(await request.finish())
  expect(await has("manifests/latest")).toBe(false)
})

test("the last bytes of a blob that were held back until the token was revoked are refused", async () => {
  const { repository, auth, revoke, held, has } = await aPush()
  const content = Buffer.from("a layer that takes its time")
  const begun = await registry.call("POST", `/v2/${repository}/blobs/uploads/`, { auth })
  const path = `${begun.headers.location}?digest=${sha256(content)}`
  const request = await held("PUT", path, content, "application/octet-stream")
  await revoke()
  refused(await request.finish())
  expect(await has(`blobs/${sha256(content)}`)).toBe(false)
})

test("a chunk that was held back until the token was revoked is refused", async () => {
  const { repository, auth, revoke, held } = await aPush()
  const begun = await registry.call("POST", `/v2/${repository}/blobs/uploads/`, { auth })
  const request = await held("PATCH", begun.headers.location!, Buffer.alloc(5000), "application/octet-stream")
  await revoke()
  refused(await request.finish())
})
