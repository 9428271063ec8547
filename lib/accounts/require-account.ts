import { requireAdministrator, type Actor } from "@/lib/auth/actor"
import { findUndeletedAccount, type Account } from "@/lib/owners/owner"
import { missing } from "@/lib/problem"

/**
 * The account of that name, for administrators. Throws what `requireAdministrator` throws, and `missing` for a deleted
 * or unknown account.
 */
export async function requireAccount(actor: Actor, username: string): Promise<Account> {
  requireAdministrator(actor)
  const account = await findUndeletedAccount(username)
  if (!account) throw missing()
  return account
}
