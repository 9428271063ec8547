"use client"

import { useEffect } from "react"

import { dropDraft, saveDraft, readDraft } from "@/components/draft"
import { holdsSecret, signInFor } from "@/components/run/input-address"
import { controlOf, wholeInput } from "@/components/run/read-input"
import { branchOf } from "@/components/run/union"
import type { Field } from "@/lib/versions/read-form"

type Texts = Record<string, string>

/** The query parameter of the page after sign-in; it says that this tab has a draft. */
const mark = "draft"

/**
 * Saves what was typed during a visit to the sign-in page, whatever its length, and restores it. Secrets are not saved.
 */
export function useSignInDraft(model: string, inputs: Field[], restore: (texts: Texts) => void) {
  const key = `understudy.run.${model}`
  const known = [
    wholeInput,
    ...inputs.filter((field) => !holdsSecret(field)).flatMap(({ name }) => [controlOf(name), branchOf(name)]),
  ]
  const openOf = (texts: Texts): Texts =>
    Object.fromEntries(known.flatMap((control) => (control in texts ? [[control, texts[control]!]] : [])))

  useEffect(() => {
    const url = new URL(location.href)
    if (!url.searchParams.has(mark)) return
    const draft = readDraft<Texts>(key, (found) => typeof found === "object" && found !== null)
    dropDraft(key)
    url.searchParams.delete(mark)
    history.replaceState(history.state, "", url)
    if (draft) restore(openOf(draft))
    // Only once, when the page opens.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [])

  return {
    /** Saves a draft and goes to the sign-in page, which returns to `back`. */
    leave(texts: Texts, back: string) {
      saveDraft(key, openOf(texts))
      const next = new URL(back, location.origin)
      next.searchParams.set(mark, "1")
      location.assign(signInFor(next.pathname + next.search))
    },
  }
}
