"use client"

import type { CreateValues } from "./prefill"

type Draft = {
  values: CreateValues
  /** The query of the page it was typed on, which may have filled in the rest. */
  from: string
}

const keyOf = (account: string) => `understudy.create-draft.${account}`

/** What an account typed on the create page and did not send yet; it stays in this browser tab. */
export function readDraft(account: string): Draft | null {
  try {
    const { values, from } = JSON.parse(sessionStorage.getItem(keyOf(account)) ?? "null")
    return Object.values(values).every((value) => typeof value === "string") ? { values, from } : null
  } catch {
    return null
  }
}

export function keepDraft(account: string, draft: Draft) {
  try {
    sessionStorage.setItem(keyOf(account), JSON.stringify(draft))
  } catch {
    // A full or forbidden storage only costs the draft.
  }
}

export function dropDraft(account: string) {
  try {
    sessionStorage.removeItem(keyOf(account))
  } catch {
    // As above.
  }
}
