import { hash, verify, type Options } from "@node-rs/argon2"

// OWASP's first recommendation for argon2id: 19 MiB of memory, two passes, one lane.
const cost: Options = { memoryCost: 19_456, timeCost: 2, parallelism: 1 }

export const hashPassword = (password: string): Promise<string> => hash(password, cost)

/** Takes as long for an account without a password, or none at all, as for a wrong password. */
export async function passwordMatches(password: string, stored: string | null | undefined): Promise<boolean> {
  const matches = await verify(stored ?? (await decoy()), password)
  return matches && stored != null
}

const decoy = () => (decoyHash ??= hashPassword("nobody's password"))
let decoyHash: Promise<string> | undefined
