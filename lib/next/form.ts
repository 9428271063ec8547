import type { Fields } from "@/lib/problem"

/** What a form knows after it was sent: what had been typed, and what is wrong with it. */
export type FormState<V extends Record<string, string> = Record<string, string>> = {
  ok: boolean
  values: V
  detail: string
  fields: Fields
  /** The fingerprint of what the form changes, as it was last read; only for a form that others may save at the same time. */
  seen?: string
  /** What stands there instead of what the form was filled with, when somebody else was quicker. */
  standing?: V
  /** Said by the browser, because no answer came. */
  unanswered?: boolean
}

/** The named text fields of a posted form; what was not sent is an empty text. */
export function textsOf<K extends string>(form: FormData, names: readonly K[]): Record<K, string> {
  return Object.fromEntries(names.map((name) => [name, String(form.get(name) ?? "")])) as Record<K, string>
}

/** A path on this site to go on to, or the fallback: a link may not send people elsewhere. */
export function safeNext(next: unknown, fallback = "/"): string {
  if (typeof next !== "string" || !next.startsWith("/")) return fallback
  const base = "http://here.invalid"
  if (!URL.canParse(next, base)) return fallback
  const url = new URL(next, base)
  const path = `${url.pathname}${url.search}${url.hash}`
  // "/.//elsewhere" is a path of ours until its dots are resolved; what is left would name another host.
  return url.origin === base && !path.startsWith("//") ? path : fallback
}
