import type { Account } from "./store"

/** The account object of GET /v1/account. */
export const presentAccount = (owner: Account) => ({
  type: owner.type,
  username: owner.username,
  name: owner.name,
  github_url: owner.github_url,
  avatar_url: owner.avatar_url,
})

export type AccountBody = ReturnType<typeof presentAccount>
