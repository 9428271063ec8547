import { describe, expect, test } from "vitest"

import { frequentPasswords, requireStrongPassword } from "./password-strength"
import { Password } from "./schema"

const judged = async (password: string, username = "alice-b") => {
  const refusal = await requireStrongPassword(password, username).catch((error) => error)
  return refusal === undefined ? "taken" : refusal.fields.password
}

describe("a password that is guessed first", () => {
  test("is one of at least 3,000 that could be chosen here", async () => {
    const list = [...(await frequentPasswords())]
    expect(list.length).toBeGreaterThan(3000)
    for (const password of list)
      expect(Password.safeParse(password).success && password === password.toLowerCase(), password).toBe(true)
  })

  test.each([
    "password",
    "12345678",
    "Password1",
    "QWERTYUIOP",
    "iloveyou",
    "00000000",
    "123123123",
    "abcdefgh",
    "ABCABCABC",
    "87654321",
    "0987654321",
    "ｐａｓｓｗｏｒｄ１",
  ])("is %s", async (password) => {
    expect(await judged(password)).toBe("This is a common password. Choose another, such as several random words.")
  })

  test.each(["alice-b-2026", "1234ALICEB!", "Understudy1", "understudy 2026"])(
    "is %s, for alice-b at Understudy",
    async (password) => {
      expect(await judged(password)).toMatch(/too close to your username/)
    },
  )

  test.each([
    "correct horse battery",
    "alice-b likes tea",
    "understudy of a star",
    "4815162342-1867",
    "пароль для всех",
    "🐙 and 🐙 and 🐙",
    "abcdefg 1234567",
  ])("is not %s", async (password) => {
    expect(await judged(password)).toBe("taken")
  })

  test("is told by letters only where the name has any", async () => {
    expect(await judged("90871625344", "4711")).toBe("taken")
  })
})
