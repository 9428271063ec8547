import { expect, test } from "vitest"

import { aModel, anAccount } from "@/lib/test/factories"
import { checkAvailability } from "./availability"

test("a name is free until the owner has a model of it, private ones included", async () => {
  const { actor } = await anAccount()
  const ask = (name: string) => checkAvailability(actor, { owner: actor.username, name })

  expect(await ask("hotdog")).toEqual({ status: "free" })
  await aModel(actor, { name: "hotdog", visibility: "private" })
  await aModel(actor, { name: "hotdog-3" })
  expect(await ask("hotdog")).toEqual({
    status: "taken",
    path: `/${actor.username}/hotdog`,
    suggestions: ["hotdog-2", "hotdog-4", "hotdog-5"],
  })
})

test("what is no name is said to be none", async () => {
  const { actor } = await anAccount()
  expect(await checkAvailability(actor, { owner: actor.username, name: "-x" })).toMatchObject({ status: "invalid" })
})

test("nobody learns anything about names of an owner they cannot create for, nor whether that owner exists", async () => {
  const { actor } = await anAccount()
  const other = await anAccount()
  await aModel(other.actor, { name: "secret", visibility: "private" })

  const answers = []
  for (const [owner, name] of [
    [other.owner.username, "secret"],
    [other.owner.username, "free"],
    ["nobody-here", "x"],
  ] as const)
    answers.push(await checkAvailability(actor, { owner, name }).catch((error) => `${error.kind}: ${error.detail}`))
  expect(new Set(answers)).toEqual(new Set(["forbidden: You cannot create models for this owner."]))
})
