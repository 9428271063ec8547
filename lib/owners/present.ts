import { z } from "zod"

import { linkOf } from "@/lib/input"
import { uri } from "@/lib/shapes"
import type { Account } from "./store"

/** The account object of the API. Unknown fields are omitted, as in the published contract. */
export const AccountBody = z
  .object({
    type: z.enum(["user", "organization"]),
    username: z.string(),
    name: z.string(),
    github_url: uri.optional(),
    avatar_url: uri.optional(),
  })
  .meta({ id: "Account" })
export type AccountBody = z.infer<typeof AccountBody>

export function presentAccount({ type, username, name, ...account }: Account): AccountBody {
  const [github_url, avatar_url] = [linkOf(account.github_url), linkOf(account.avatar_url)]
  return { type, username, name, ...(github_url && { github_url }), ...(avatar_url && { avatar_url }) }
}
