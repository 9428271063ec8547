import { hash, verify, type Options } from "@node-rs/argon2"

// OWASP's first recommendation for argon2id: 19 MiB of memory, two passes, one lane.
const cost: Options = { memoryCost: 19_456, timeCost: 2, parallelism: 1 }

/** Normalizes what keyboards send differently: ä as one character or two, wide letters (NIST SP 800-63B, 3.1.1.2). */
export const normalizedPassword = (password: string): string => password.normalize("NFKC")

export const hashPassword = (password: string): Promise<string> => hash(normalizedPassword(password), cost)

/** Takes as long without an account or password as for a wrong password. */
export async function passwordMatches(password: string, stored: string | null | undefined): Promise<boolean> {
  const against = stored ?? (await decoy())
  const normalized = normalizedPassword(password)
  const matches =
    (await verify(against, normalized)) ||
    // Hashes from before normalization used what the keyboard sent.
    (normalized !== password && (await verify(against, password)))
  return matches && stored != null
}

const decoy = () => (decoyHash ??= hashPassword("nobody's password"))
let decoyHash: Promise<string> | undefined
