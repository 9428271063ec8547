import { readFileSync, statSync, writeFileSync } from "node:fs"
import path from "node:path"
import { beforeEach, expect, test } from "vitest"

import { env } from "@/env"
import { temporaryFolder } from "@/scripts/temporary-folder.mjs"
import { authSecret } from "./secret"

const folder = temporaryFolder("secret")
const file = path.join(folder, "auth-secret")
const forget = () => delete (globalThis as Record<symbol, unknown>)[Symbol.for("understudy.secret")]
beforeEach(() => {
  forget()
  env.DATA_DIR = folder
})

test("the secret is made once, for nobody else to read, and is the same ever after", () => {
  const secret = authSecret()
  expect(secret).toMatch(/^[\w-]{64}$/)
  expect([readFileSync(file, "utf8"), statSync(file).mode & 0o777]).toEqual([`${secret}\n`, 0o600])
  forget()
  expect(authSecret()).toBe(secret)
})

test.each(["", "\n", "half of it"])("what a full disk may have left of it, %j, is not sealed with", (left) => {
  writeFileSync(file, left)
  expect(() => authSecret()).toThrow(`${file} is damaged`)
})
