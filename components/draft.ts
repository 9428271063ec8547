"use client"

/** The draft under a key in session storage; null if there is none or `isDraft` rejects it. */
export function readDraft<T>(key: string, isDraft: (found: T) => boolean): T | null {
  try {
    const found = JSON.parse(sessionStorage.getItem(key) ?? "null")
    return isDraft(found) ? found : null
  } catch {
    return null
  }
}

export function saveDraft<T>(key: string, draft: T) {
  try {
    sessionStorage.setItem(key, JSON.stringify(draft))
  } catch {
    // Without storage there is no draft.
  }
}

export function dropDraft(key: string) {
  try {
    sessionStorage.removeItem(key)
  } catch {
    // Without storage there is no draft.
  }
}
