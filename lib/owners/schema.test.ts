import { readdirSync } from "node:fs"
import {
  BLOCKED_PAGES,
  STATIC_STATUS_PAGES,
  UNDERSCORE_GLOBAL_ERROR_ROUTE,
  UNDERSCORE_NOT_FOUND_ROUTE,
} from "next/constants"
import { describe, expect, test } from "vitest"

import { OrganizationName, Password, reservedNames, SignUpInput, Username } from "./schema"

const complaintAbout = (username: unknown) => Username.safeParse(username).error?.issues[0]?.message

/** Files of app/ that are served at the top level of the site, such as robots.ts or opengraph-image.tsx. */
const answersAtTheTop =
  /\.(txt|xml|svg|ico|png|jpe?g|json|webmanifest)$|^(icon|apple-icon|opengraph-image|twitter-image|robots|sitemap|manifest)\d*\.\w+$/

/** The first path segments below a folder of app/; route groups add none. */
function segmentsOf(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (entry.isFile()) return answersAtTheTop.test(entry.name) ? [entry.name] : []
    if (entry.name.startsWith("(")) return segmentsOf(`${folder}/${entry.name}`)
    return /^[[_@]/.test(entry.name) ? [] : [entry.name]
  })
}

test("no account can take the address of a page, a folder or a file of ours", () => {
  const taken = [...segmentsOf("app"), ...readdirSync("public")].map((name) => name.replace(/^\.+/, "").split(".")[0]!)
  expect(taken).toEqual(expect.arrayContaining(["create", "v1", "api", "icon"]))
  expect(taken.filter((name) => name && !reservedNames.includes(name))).toEqual([])
})

test("no account can take the address of a page that Next has of its own", () => {
  const own = [
    ...BLOCKED_PAGES,
    ...STATIC_STATUS_PAGES,
    UNDERSCORE_NOT_FOUND_ROUTE,
    UNDERSCORE_GLOBAL_ERROR_ROUTE,
    "/404",
    "/index",
  ]
  const taken = own.map((path) => path.slice(1)).filter((name) => /^[a-z0-9-]{2,39}$/.test(name))
  expect(taken).toEqual(expect.arrayContaining(["404", "500", "index"]))
  for (const name of taken) expect(Username.safeParse(name).success, name).toBe(false)
})

test("the reserved names are sorted and none is there twice", () => {
  expect(reservedNames).toEqual([...new Set(reservedNames)].sort())
})

describe("a username", () => {
  test.each(["al", "42", "a-b", "a--b", "x".repeat(39), "0-0"])("can be %s", (username) => {
    expect(Username.parse(username)).toBe(username)
  })

  test("loses the spaces around it", () => {
    expect(Username.parse("  alice ")).toBe("alice")
  })

  test.each([
    ["", "Choose a username."],
    ["   ", "Choose a username."],
    [undefined, "Choose a username."],
    [7, "Choose a username."],
    ["a", "A username has at least 2 characters."],
    ["x".repeat(40), "A username has at most 39 characters."],
    ["Alice", "Use only lowercase letters, numbers and dashes."],
    ["a.b", "Use only lowercase letters, numbers and dashes."],
    ["a_b", "Use only lowercase letters, numbers and dashes."],
    ["a b", "Use only lowercase letters, numbers and dashes."],
    ["ä1", "Use only lowercase letters, numbers and dashes."],
    ["а1", "Use only lowercase letters, numbers and dashes."],
    ["al\nice", "Use only lowercase letters, numbers and dashes."],
    ["-alice", "Start and end with a letter or a number."],
    ["alice-", "Start and end with a letter or a number."],
    ["--", "Start and end with a letter or a number."],
    ["create", "This name is reserved. Choose another."],
  ])("cannot be %j: %s", (username, complaint) => {
    expect(complaintAbout(username)).toBe(complaint)
  })
})

test.each([
  ["", "Choose a name."],
  ["a", "A name has at least 2 characters."],
  ["x".repeat(40), "A name has at most 39 characters."],
  ["Otter Lab", "Use only lowercase letters, numbers and dashes."],
])("the name of an organization cannot be %j, in its own words: %s", (name, complaint) => {
  expect(OrganizationName.safeParse(name).error?.issues[0]?.message).toBe(complaint)
})

describe("a password", () => {
  test.each(["eight ch", "x".repeat(200), "        ", "пароль12"])("can be %j, spaces and all", (password) => {
    expect(Password.parse(password)).toBe(password)
  })

  test.each([
    ["", "Choose a password."],
    ["seven..", "A password has at least 8 characters."],
    ["x".repeat(201), "A password has at most 200 characters."],
  ])("cannot be %j", (password, complaint) => {
    expect(Password.safeParse(password).error?.issues[0]?.message).toBe(complaint)
  })
})

test("signing up needs both", () => {
  expect(SignUpInput.safeParse({}).error?.issues.map((issue) => issue.path[0])).toEqual(["username", "password"])
})
