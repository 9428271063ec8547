import { invalid } from "@/lib/problem"
import { normalizedPassword } from "./password"
import { Password } from "./schema"

/** Words of the context, besides the username, that passwords must not consist of. */
const contextWords = ["understudy"]

/** Throws `invalid` for a weak password: a common one, or little more than the name of the account or product. */
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

// Not in the list, but as easy to guess.
const isRepetition = (password: string) => /^(.{1,4}?)\1+$/su.test(password)

/** "abcdefgh", "87654321" and "1234567890", where 0 follows 9. */
function isSequence(password: string): boolean {
  const codes = Array.from(password.toLowerCase(), (character) => character.codePointAt(0)!)
  const steps = new Set(codes.slice(1).map((code, i) => ({ [-9]: 1, 9: -1 })[code - codes[i]!] ?? code - codes[i]!))
  return steps.size === 1 && (steps.has(1) || steps.has(-1))
}

/**
 * In lowercase, without those below our minimum length. 400 kB that most processes never need, so they are loaded on
 * first use.
 */
export const frequentPasswords = (): Promise<ReadonlySet<string>> => (list ??= load())
let list: Promise<ReadonlySet<string>> | undefined

async function load(): Promise<ReadonlySet<string>> {
  const { dictionary } = await import("@zxcvbn-ts/language-common")
  return new Set(dictionary["passwords-common"].filter((password) => Password.safeParse(password).success))
}
