import { randomInt } from "node:crypto"

import { hashPassword, passwordMatches } from "@/lib/owners/password"

const count = 10

/** Digits alone, 53 bits of them, so that they can be typed where a code is asked for: "0123 4567 8901 2345". */
export const newRecoveryCodes = (): string[] =>
  Array.from({ length: count }, () =>
    Array.from({ length: 4 }, () => String(randomInt(10_000)).padStart(4, "0")).join(" "),
  )

/** Takes some 15 milliseconds for each. */
export const hashRecoveryCodes = (codes: string[]): Promise<string[]> =>
  Promise.all(codes.map((code) => hashPassword(normalizeCode(code))))

/** The hash that a code belongs to. */
export async function hashOf(code: string, hashes: string[]): Promise<string | undefined> {
  for (const hash of hashes) if (await passwordMatches(normalizeCode(code), hash)) return hash
  return undefined
}

/** A code as people type it, without what makes it easier to read. */
export const normalizeCode = (code: string): string => code.replace(/[\s-]/g, "")
