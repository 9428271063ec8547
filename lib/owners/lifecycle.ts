import { owners } from "@/db/schema"
import type { AccountLifecycle } from "@/lib/lifecycle"
import { getAccount } from "./owner"
import { presentAccount } from "./present"
import { emptyAccount, isOnlyAdministrator } from "./store"

export const ownersLifecycle: AccountLifecycle = {
  tables: [owners],
  disable: { kept: "It is what is disabled." },
  close: emptyAccount,
  async export(actor) {
    const account = await getAccount(actor.username)
    const { description, email, created_at } = account
    return { account: { ...presentAccount(account), description, email, created_at } }
  },
}

/** Separate from other account blockers, because it is shown last. */
export const administratorLifecycle: AccountLifecycle = {
  tables: [],
  blockers: async (db, id) =>
    (await isOnlyAdministrator(db, id))
      ? ["You are the only administrator: make somebody else an administrator first."]
      : [],
  disable: { kept: "Nobody disables their own account, so an administrator is left." },
  close: { kept: "It goes with the account." },
  export: { kept: "It is part of the account." },
}
