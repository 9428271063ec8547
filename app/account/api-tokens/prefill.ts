import { scopes, type Scope } from "@/lib/auth/actor"

/** The form's values as text; scopes are separated by spaces. */
export type TokenValues = { name: string; scopes: string; expires_in_days: string }

export const lifetimes = ["", "7", "30", "90", "365"] as const

type Query = { name?: string; scopes?: string; days?: string }

/** The form's initial values from the query; missing or invalid ones are the defaults. */
export function prefill({ name = "", scopes: asked, days }: Query): TokenValues {
  const chosen = asked === undefined ? [] : scopesIn(asked.toLowerCase())
  return {
    name: name.slice(0, 100),
    scopes: (chosen.length ? chosen : scopes).join(" "),
    expires_in_days: lifetimes.find((known) => known === days) ?? "",
  }
}

export const scopesIn = (text: string): Scope[] => scopes.filter((scope) => text.split(/[\s,+]+/).includes(scope))

/** The path of this page with these values, to return to after sign-in. */
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
