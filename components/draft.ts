"use client"

/** What was typed into a form and not sent yet; it stays in this browser tab. Null as well for what is no draft of that kind. */
export function readDraft<T>(key: string, isDraft: (found: T) => boolean): T | null {
  try {
    const found = JSON.parse(sessionStorage.getItem(key) ?? "null")
    return isDraft(found) ? found : null
  } catch {
    return null
  }
}

export function keepDraft<T>(key: string, draft: T) {
  try {
    sessionStorage.setItem(key, JSON.stringify(draft))
  } catch {
    // A full or forbidden storage only costs the draft.
  }
}

export function dropDraft(key: string) {
  try {
    sessionStorage.removeItem(key)
  } catch {
    // As above.
  }
}
