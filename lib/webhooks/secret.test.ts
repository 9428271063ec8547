import { eq } from "drizzle-orm"
import { expect, test } from "vitest"

import { read, write } from "@/db"
import { webhook_secrets } from "@/db/schema"
import { seal, unseal } from "@/lib/auth/seal"
import { now } from "@/lib/clock"
import { anAccount } from "@/lib/test/factories"
import { getWebhookSecret, sealOldSecrets } from "./secret"

const keptFor = async (owner_id: number) =>
  (await read().select().from(webhook_secrets).where(eq(webhook_secrets.owner_id, owner_id)))[0]!.key

test("a webhook secret is the same every time, also when it is first asked for many times at once, and is not kept in the clear", async () => {
  const { owner } = await anAccount()
  const asked = await Promise.all(Array.from({ length: 16 }, () => getWebhookSecret({ owner_id: owner.id })))
  expect(new Set(asked).size).toBe(1)
  expect(asked[0]).toMatch(/^whsec_[A-Za-z0-9+/]{32}$/)
  expect(await keptFor(owner.id)).not.toContain(asked[0]!.slice(6))
})

test("one that an older release kept in the clear stays what it is and is sealed", async () => {
  const { owner } = await anAccount()
  const key = "whsec_b25lIHRoYXQgd2FzIGtlcHQgb3Blbmx5"
  await write(
    async (tx) => void (await tx.insert(webhook_secrets).values({ owner_id: owner.id, key, created_at: now() })),
  )
  await sealOldSecrets()
  expect(await keptFor(owner.id)).toMatch(/^sealed\./)
  expect(await getWebhookSecret({ owner_id: owner.id })).toBe(key)
})

test("one that was sealed with another secret, or belongs to somebody else, is made anew", async () => {
  const [one, other] = [(await anAccount()).owner, (await anAccount()).owner]
  const secret = await getWebhookSecret({ owner_id: one.id })
  const key = await keptFor(one.id)
  await write(
    async (tx) => void (await tx.insert(webhook_secrets).values({ owner_id: other.id, key, created_at: now() })),
  )
  const anew = await getWebhookSecret({ owner_id: other.id })
  expect(anew).toMatch(/^whsec_/)
  expect(anew).not.toBe(secret)
  expect(await getWebhookSecret({ owner_id: other.id })).toBe(anew)
})

test("what is sealed is read only whole and for its purpose", () => {
  const sealed = seal("a text, also with ü and 💥", "one purpose")
  expect(unseal(sealed, "one purpose")).toBe("a text, also with ü and 💥")
  expect(seal("a text", "one purpose")).not.toBe(seal("a text", "one purpose"))
  for (const other of [
    sealed.slice(0, -2),
    `${sealed.slice(0, -3)}AAA`,
    "sealed.",
    "",
    "whsec_x",
    sealed.replace("sealed.", "sealed.A"),
  ])
    expect(unseal(other, "one purpose"), other).toBeUndefined()
  expect(unseal(sealed, "another purpose")).toBeUndefined()
})
