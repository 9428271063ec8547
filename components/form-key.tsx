"use client"

import { useScripts } from "./use-scripts"

/**
 * Makes the submit of a form idempotent (`runOnce`): without scripts, nothing else prevents that a double click sends it
 * twice. With them, `useFormAction` sends it once, and the form may be submitted again on purpose.
 */
export function FormKey({ value }: { value: string }) {
  const scripts = useScripts()
  return scripts ? null : <input type="hidden" name="form_key" value={value} />
}
