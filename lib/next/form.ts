import type { Fields } from "@/lib/problem"

/** The state of a form after a submit: what was typed, and what is wrong with it. */
export type FormState<V extends Record<string, string> = Record<string, string>> = {
  ok: boolean
  values: V
  detail: string
  fields: Fields
  /**
   * The revision of the values as they were last read; only for forms that several people may save at the same time.
   */
  revision?: string
  /** The values somebody else has saved in the meantime, after a conflict. */
  current?: V
  /** Set by the browser when no response came. */
  unanswered?: boolean
}

/** The state of a form that was not submitted yet. */
export const freshForm = <V extends Record<string, string>>(values: V): FormState<V> => ({
  ok: false,
  values,
  detail: "",
  fields: {},
})

/** The named text fields of a form; a missing one is empty. */
export function textsOf<K extends string>(form: FormData, names: readonly K[]): Record<K, string> {
  return Object.fromEntries(names.map((name) => [name, String(form.get(name) ?? "")])) as Record<K, string>
}

/** A path on this site to redirect to, or the fallback: a link must not lead elsewhere. */
export function safeNext(next: unknown, fallback = "/"): string {
  if (typeof next !== "string" || !next.startsWith("/")) return fallback
  const base = "http://here.invalid"
  if (!URL.canParse(next, base)) return fallback
  const url = new URL(next, base)
  const path = `${url.pathname}${url.search}${url.hash}`
  // "/.//elsewhere" is our path until its dots are resolved; the rest would name another host.
  return url.origin === base && !path.startsWith("//") ? path : fallback
}
