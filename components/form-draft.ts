"use client"

import * as drafts from "./draft"

export type FormDraft = {
  values: Record<string, string>
  /** The query string of the page when the draft was saved; it may have prefilled the form. */
  from: string
}

/** The saved values of a form. The key contains the form and the account. */
export const readDraft = (key: string) =>
  drafts.readDraft<FormDraft>(key, ({ values }) => Object.values(values).every((value) => typeof value === "string"))
export const saveDraft = (key: string, draft: FormDraft) => drafts.saveDraft(key, draft)
export const dropDraft = (key: string) => drafts.dropDraft(key)
