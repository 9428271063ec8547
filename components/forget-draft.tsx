"use client"

import { useEffect } from "react"

import { dropDraft, readDraft } from "./form-draft"

/** Discards the draft of a create form once the model or deployment exists. */
export function ForgetDraft({ draft: key, owner, name }: { draft: string; owner: string; name: string }) {
  useEffect(() => {
    const draft = readDraft(key)
    if (draft?.values.owner === owner && draft.values.name === name) dropDraft(key)
  }, [key, owner, name])
  return null
}
