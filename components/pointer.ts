"use client"

let held = false

if (typeof window !== "undefined") {
  const release = () => (held = false)
  window.addEventListener("pointerdown", () => (held = true), true)
  window.addEventListener("pointerup", release, true)
  window.addEventListener("pointercancel", release, true)
}

/**
 * Resolves once no pointer is pressed, or the signal is aborted. Content that appears while a button is pressed would
 * move it away from under the pointer.
 */
export async function untilReleased(signal: AbortSignal): Promise<void> {
  while (held && !signal.aborted) await new Promise((resolve) => setTimeout(resolve, 50))
}
