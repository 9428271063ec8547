import { now } from "@/lib/clock"
import type { Token } from "./store"

/** A token in a list: enough to recognize it, nothing to use it with. */
export const presentToken = (token: Token) => ({
  id: token.id,
  name: token.name,
  masked: `us_…${token.ending}`,
  scopes: token.scopes,
  created_at: token.created_at,
  last_used_at: token.last_used_at,
  expires_at: token.expires_at,
  expired: token.expires_at !== null && token.expires_at <= now(),
})

export type TokenBody = ReturnType<typeof presentToken>
