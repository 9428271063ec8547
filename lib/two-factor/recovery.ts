import { randomInt } from "node:crypto"

import { hashPassword, passwordMatches } from "@/lib/owners/password"

const count = 10

/** Digits only, 53 bits, so that they fit the field for codes: "0123 4567 8901 2345". */
export const newRecoveryCodes = (): string[] =>
  Array.from({ length: count }, () =>
    Array.from({ length: 4 }, () => String(randomInt(10_000)).padStart(4, "0")).join(" "),
  )

/** Takes about 15 milliseconds each. */
export const hashRecoveryCodes = (codes: string[]): Promise<string[]> =>
  Promise.all(codes.map((code) => hashPassword(normalizeCode(code))))

/** The hash that matches a code. */
export async function hashOf(code: string, hashes: string[]): Promise<string | undefined> {
  for (const hash of hashes) if (await passwordMatches(normalizeCode(code), hash)) return hash
  return undefined
}

/** A code without the separators that people type. */
export const normalizeCode = (code: string): string => code.replace(/[\s-]/g, "")
