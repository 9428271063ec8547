import { scopes, type Scope } from "@/lib/auth/actor"

/** What the form holds, as texts: the scopes stand in one, with blanks between them. */
export type TokenValues = { name: string; scopes: string; expires_in_days: string }

export const lifetimes = ["", "7", "30", "90", "365"] as const

type Query = { name?: string; scopes?: string; days?: string }

/** The form's first values, out of an address that a guide or a program made. What it does not say, or says wrongly, is as usual. */
export function prefill({ name = "", scopes: asked, days }: Query): TokenValues {
  const chosen = asked === undefined ? [] : scopesIn(asked.toLowerCase())
  return {
    name: name.slice(0, 100),
    scopes: (chosen.length ? chosen : scopes).join(" "),
    expires_in_days: lifetimes.find((known) => known === days) ?? "",
  }
}

export const scopesIn = (text: string): Scope[] => scopes.filter((scope) => text.split(/[\s,+]+/).includes(scope))

/** The page with these values in it, to come back to after signing in. */
export function prefilled(
  { name, scopes: chosen, expires_in_days }: TokenValues,
  page = "/account/api-tokens",
): string {
  const kept = [
    ["new-token-name", name],
    ["scopes", chosen === scopes.join(" ") ? "" : chosen.replaceAll(" ", ",")],
    ["expires-in-days", expires_in_days],
  ]
  const query = new URLSearchParams(kept.filter(([, value]) => value) as [string, string][])
  return query.size ? `${page}?${query}` : page
}
