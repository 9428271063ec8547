import { invalid } from "@/lib/problem"
import { normalizedPassword } from "./password"
import { Password } from "./schema"

/** Words that say what a password is for, besides the username: with digits around them they are guessed first. */
const contextWords = ["understudy"]

/**
 * Throws `invalid` for a password that is guessed first: one that many people have, or that is little more than the name of the account
 * or of the product.
 */
export async function requireStrongPassword(typed: string, username: string): Promise<void> {
  const password = normalizedPassword(typed)
  const word = lettersOf(password)
  if (word !== "" && [username, ...contextWords].some((name) => lettersOf(name) === word))
    throw invalid({
      password: "This password is too close to your username or the name of this product. Choose another.",
    })
  if (isRepetition(password) || isSequence(password) || (await frequentPasswords()).has(password.toLowerCase()))
    throw invalid({
      password: "This is a common password. Choose another, such as several random words.",
    })
}

const lettersOf = (text: string) => text.toLowerCase().replace(/\P{L}+/gu, "")

// The list leaves these two kinds to rules.
const isRepetition = (password: string) => /^(.{1,4}?)\1+$/su.test(password)

/** "abcdefgh", "87654321", and "1234567890", in which the 0 comes after the 9. */
function isSequence(password: string): boolean {
  const codes = Array.from(password.toLowerCase(), (character) => character.codePointAt(0)!)
  const steps = new Set(codes.slice(1).map((code, i) => ({ [-9]: 1, 9: -1 })[code - codes[i]!] ?? code - codes[i]!))
  return steps.size === 1 && (steps.has(1) || steps.has(-1))
}

/** In lowercase, without those that are too short to be chosen here. 400 kB that most processes never need, so they are read when first asked for. */
export const frequentPasswords = (): Promise<ReadonlySet<string>> => (list ??= load())
let list: Promise<ReadonlySet<string>> | undefined

async function load(): Promise<ReadonlySet<string>> {
  const { dictionary } = await import("@zxcvbn-ts/language-common")
  return new Set(dictionary["passwords-common"].filter((password) => Password.safeParse(password).success))
}
