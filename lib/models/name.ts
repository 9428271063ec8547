import { knownNamePattern, nameLimit, namePattern, takenEnding } from "./fields"

/** Whether a name is valid for a new model; the schema gives the reasons. */
export const isModelName = (text: string): boolean =>
  text.length <= nameLimit && isPushable(text) && !takenEnding.test(text)

/** Whether Docker-based clients can address a model of this name. */
export const isPushable = (name: string): boolean => namePattern.test(name)

/** Whether an existing model may have this name: early ones got names that no client can push to. */
export const isKnownName = (text: string): boolean => text.length <= nameLimit && knownNamePattern.test(text)

/** The rules for names, as shown in the form. */
export const nameRule = `Use lowercase letters, numbers, and - _ . ; start and end with a letter or number. At most ${nameLimit} characters.`

/** Why a partly typed name can no longer become valid; null while it can. */
export function typingProblem(text: string): string | null {
  if (text.length > nameLimit) return `A name has at most ${nameLimit} characters; this one has ${text.length}.`
  // A trailing dash may be followed by more.
  const begun = text.replace(/(?<=[a-z0-9])(?:[._-]|__|-+)$/, "")
  if (begun === "" || isPushable(begun)) return null
  if (/[^a-z0-9._-]/.test(text)) return "Use lowercase letters, numbers, and - _ ."
  if (!/^[a-z0-9]/.test(text)) return "Start with a letter or number."
  return "Put one - _ or . between letters and numbers, or several dashes."
}

/**
 * What typing becomes: capitals become lowercase, and spaces with their punctuation become a dash. Everything else
 * stays, to be explained.
 */
export const tidyName = (text: string): string => text.toLowerCase().replace(/[._-]*\s[._\-\s]*/g, "-")

/** The nearest valid name, or null if the name is valid or nothing is left of it. */
export function nearestName(text: string): string | null {
  const name = text
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replace(/ß/g, "ss")
    .replace(/æ/g, "ae")
    .replace(/ø/g, "o")
    .replace(/[^a-z0-9._-]+/g, "-")
    .replace(/[._-]{2,}/g, (run) => (/^(?:__|-+)$/.test(run) ? run : /^(?:\.+|_+)$/.test(run) ? run[0]! : "-"))
    .replace(takenEnding, "-rsc")
    .slice(0, nameLimit)
    .replace(/^[^a-z0-9]+|[^a-z0-9]+$/g, "")
  return name !== text && isModelName(name) ? name : null
}

/**
 * The owner and name of a pasted `owner/name`, with or without a registry, or of a model's URL; null for anything
 * else.
 */
export function splitReference(text: string): { owner: string; name: string } | null {
  const trimmed = text.trim()
  const path = /^https?:\/\//i.test(trimmed)
    ? URL.canParse(trimmed)
      ? new URL(trimmed).pathname.slice(1)
      : ""
    : trimmed.replace(registry, "")
  const [, owner, name] = /^([\w.-]+)\/([\w.-]+?)(?:[:/@].*)?$/.exec(path) ?? []
  return owner && name ? { owner: owner.toLowerCase(), name: name.toLowerCase() } : null
}

/** The registry before `owner/name`: an owner has neither a dot nor a colon. */
const registry = /^(?:localhost|[\w-]*[.:][\w.:-]*)\/(?=[^/]+\/)/

/** Alternatives to a name in use, best first. */
export function alternatives(name: string): string[] {
  const base = name
    .replace(/-\d+$/, "")
    .slice(0, 90)
    .replace(/[^a-z0-9]+$/, "")
  return [2, 3, 4, 5, 6, 7, 8, 9]
    .map((n) => `${base}-${n}`)
    .concat(`${base}-next`, `${base}-new`, `my-${base}`)
    .filter((one) => one !== name)
}
