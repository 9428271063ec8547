"use client"

import * as drafts from "./draft"

export type FormDraft = {
  values: Record<string, string>
  /** The query of the page it was typed on, which may have prefilled the rest. */
  from: string
}

/** What a form kept of what was typed into it. The key names the form and the account. */
export const readDraft = (key: string) =>
  drafts.readDraft<FormDraft>(key, ({ values }) => Object.values(values).every((value) => typeof value === "string"))
export const keepDraft = (key: string, draft: FormDraft) => drafts.keepDraft(key, draft)
export const dropDraft = (key: string) => drafts.dropDraft(key)
