import { expect, test } from "vitest"

import { roles, type Actor, type Role } from "@/lib/auth/actor"
import { abilities, abilityToAssign, allows, may, type Ability } from "./policy"

/** The abilities of each role, written out independently of the table to catch mistakes in it. */
const expected: Record<Role, Ability[]> = {
  viewer: ["see"],
  developer: ["see", "create", "run", "deploy", "edit"],
  admin: ["see", "create", "run", "deploy", "edit", "manage", "tokens", "members", "events", "profile"],
  owner: [
    "see",
    "create",
    "run",
    "deploy",
    "edit",
    "manage",
    "tokens",
    "members",
    "events",
    "profile",
    "owners",
    "close",
  ],
}

const someone = (fields: Partial<Actor> = {}): Actor => ({
  owner_id: 1,
  username: "alice",
  is_admin: false,
  via: "web",
  scopes: ["read", "write", "push"],
  ...fields,
})

test.each(roles)("%s may do exactly what the table says", (role) => {
  const able = (Object.keys(abilities) as Ability[]).filter((ability) => allows(role, ability))
  expect(able).toEqual(expected[role])
})

test("a person may do everything to their own account, and nothing to anybody else's, administrator or not", () => {
  for (const ability of Object.keys(abilities) as Ability[]) {
    expect(may(someone(), ability, 1)).toBe(true)
    expect(may(someone(), ability, 2)).toBe(false)
    expect(may(someone({ is_admin: true }), ability, 2)).toBe(false)
    expect(may(null, ability, 1)).toBe(false)
  }
})

test("a role counts in its own organization only", () => {
  const actor = someone({ roles: new Map([[2, "admin"]]) })
  expect(may(actor, "members", 2)).toBe(true)
  expect(may(actor, "owners", 2)).toBe(false)
  expect(may(actor, "see", 3)).toBe(false)
})

test("only an owner can make or unmake an owner", () => {
  expect(abilityToAssign("viewer", "admin")).toBe("members")
  expect(abilityToAssign("admin", "owner")).toBe("owners")
  expect(abilityToAssign("owner", "viewer")).toBe("owners")
})
