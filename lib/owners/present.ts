import type { Account } from "./store"

/** The account object of GET /v1/account. What is not known of an account is left out, as the published contract has it. */
export const presentAccount = (owner: Account) => ({
  type: owner.type,
  username: owner.username,
  name: owner.name,
  ...(owner.github_url !== null && { github_url: owner.github_url }),
  ...(owner.avatar_url !== null && { avatar_url: owner.avatar_url }),
})

export type AccountBody = ReturnType<typeof presentAccount>
