"use client"

import type { CreateValues } from "./prefill"

const keyOf = (account: string) => `understudy.create-draft.${account}`

/** What an account typed on the create page and did not send yet; it stays in this browser tab. */
export function readDraft(account: string): CreateValues | null {
  try {
    const draft = JSON.parse(sessionStorage.getItem(keyOf(account)) ?? "null")
    return draft && typeof draft === "object" && Object.values(draft).every((value) => typeof value === "string") ? draft : null
  } catch {
    return null
  }
}

export function keepDraft(account: string, values: CreateValues) {
  try {
    sessionStorage.setItem(keyOf(account), JSON.stringify(values))
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
