import { beforeAll, expect, test } from "vitest"

import type { Actor } from "@/lib/auth/actor"
import { createCollection, getCollection, updateCollection } from "@/lib/collections/collection"
import { updateHardware } from "@/lib/hardware/catalogue"
import { listHardware } from "@/lib/hardware/hardware"
import { changeSettings, listSettings } from "@/lib/settings/setting"
import { getModel, updateModel } from "@/lib/models/model"
import { actorFor, addUser, getAccount } from "@/lib/owners/owner"
import { getReadme } from "@/lib/models/readme"
import { updateEmail, updateProfile } from "@/lib/owners/profile"
import { aModel, anAccount, aName } from "@/lib/test/factories"
import { revisionOf, unlessChanged, type Guard } from "./revision"

type Values = { text: string }

/** A form's field: how it is saved under a guard, how it is read, and what may be typed there. */
type Place = {
  save(text: string, guard: Guard<Values>): Promise<unknown>
  read(): Promise<string | null | undefined>
  nth?(n: number): string
}

const text = (value: string | null | undefined): Values => ({ text: value ?? "" })

let admin: Actor
beforeAll(async () => void (admin = actorFor(await addUser({ username: aName("admin") }), "web")))

const places: [string, () => Promise<Place>][] = [
  [
    "a model's description",
    async () => {
      const { actor } = await anAccount()
      const { owner, name } = await aModel(actor, { description: "At first" })
      return {
        save: (description, guard) =>
          updateModel(actor, owner, name, { description }, (model) => guard(text(model.description))),
        read: async () => (await getModel(actor, owner, name)).description,
      }
    },
  ],
  [
    "a README",
    async () => {
      const { actor } = await anAccount()
      const { owner, name } = await aModel(actor)
      return {
        save: (readme, guard) => updateModel(actor, owner, name, { readme }, (model) => guard(text(model.readme))),
        read: () => getReadme(actor, owner, name),
      }
    },
  ],
  [
    "a profile",
    async () => {
      const { owner, actor } = await anAccount()
      return {
        save: async (description, guard) =>
          updateProfile(actor, await getAccount(owner.username), { name: "Alice", description }, (account) =>
            guard(text(account.description)),
          ),
        read: async () => (await getAccount(owner.username)).description,
      }
    },
  ],
  [
    "an e-mail address",
    async () => {
      const { owner, actor } = await anAccount()
      return {
        nth: (n) => `tab${n}@example.com`,
        save: (email, guard) => updateEmail(actor, { email, password: "" }, (account) => guard(text(account.email))),
        read: async () => (await getAccount(owner.username)).email,
      }
    },
  ],
  [
    "a row of the hardware",
    async () => {
      const [row] = await listHardware()
      const { sku, name, usd_per_second } = row!
      return {
        save: (reason, guard) =>
          updateHardware(admin, sku, { name, usd_per_second, open: false, reason }, (row) => guard(text(row.reason))),
        read: async () => (await listHardware()).find((row) => row.sku === sku)?.reason,
      }
    },
  ],
  [
    "the installation's settings",
    async () => {
      return {
        nth: (n) => String(1000 + n),
        save: (most, guard) =>
          changeSettings(admin, { MODELS_PER_ACCOUNT: most }, (set) => guard(text(set.MODELS_PER_ACCOUNT))),
        read: async () => (await listSettings(admin)).find(({ name }) => name === "MODELS_PER_ACCOUNT")?.set,
      }
    },
  ],
  [
    "a collection",
    async () => {
      const { slug } = await createCollection(admin, {
        slug: aName("picked"),
        name: "Picked",
        description: "At first",
        full_description: "",
      })
      return {
        save: (description, guard) =>
          updateCollection(admin, slug, { description }, (collection) => guard(text(collection.description))),
        read: async () => (await getCollection(slug)).description,
      }
    },
  ],
]

test.each(places)("%s is saved by exactly one of many who had it open", async (_, open) => {
  const { save, read, nth = (n) => `From tab ${n}` } = await open()
  for (let round = 0; round < 3; round++) {
    const revision = revisionOf(text(await read()))
    const typed = Array.from({ length: 8 }, (_, n) => nth(round * 8 + n))
    const outcomes = await Promise.allSettled(typed.map((mine) => save(mine, unlessChanged(revision, text(mine)))))
    const saved = typed.filter((_, n) => outcomes[n]!.status === "fulfilled")
    expect(saved).toEqual([await read()])
    expect(outcomes.flatMap((outcome) => (outcome.status === "rejected" ? [outcome.reason.kind] : []))).toEqual(
      Array(7).fill("conflict"),
    )
  }
})

test("what stands there is told to who comes second, and can then be saved over", async () => {
  const { actor } = await anAccount()
  const { owner, name } = await aModel(actor, { description: "At first" })
  const revision = revisionOf(text("At first"))
  await updateModel(actor, owner, name, { description: "Mine" })

  let meanwhile: Values | undefined
  const save = (revision: string) =>
    updateModel(actor, owner, name, { description: "Theirs" }, ({ description }) =>
      unlessChanged(revision, text("Theirs"), (current) => void (meanwhile = current))(text(description)),
    )
  await expect(save(revision)).rejects.toMatchObject({ kind: "conflict" })
  expect(meanwhile).toEqual({ text: "Mine" })
  expect(await save(revisionOf(meanwhile!))).toMatchObject({ description: "Theirs" })
})

test("a form without a fingerprint, or one that says what stands there, is saved", () => {
  expect(() => unlessChanged("", text("a"))(text("b"))).not.toThrow()
  expect(() => unlessChanged("other", text("a"))(text("a"))).not.toThrow()
  expect(() => unlessChanged("other", text("a"))(text("b"))).toThrow("changed after you opened it")
})
