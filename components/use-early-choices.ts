"use client"

import { useEffect, useState, useSyncExternalStore } from "react"
import type { FieldValues, Path, UseFormReturn } from "react-hook-form"

/**
 * By field, whether a choice can still be made: an organization may have been left meanwhile, and hardware been closed.
 */
export type Takes = Record<string, (value: string) => boolean>

/**
 * Keeps what was chosen before the scripts were here; the form library would set it back to what the page came with.
 */
export function useEarlyChoices<V extends FieldValues>(id: string, form: UseFormReturn<V>, takes: Takes) {
  const hydrating = useSyncExternalStore(
    never,
    () => false,
    () => true,
  )
  const [early] = useState(() => {
    const element = hydrating && typeof document !== "undefined" && document.getElementById(id)
    return element ? new FormData(element as HTMLFormElement) : null
  })

  useEffect(() => {
    for (const [field, isTaken] of Object.entries(takes)) {
      const value = early?.get(field)
      if (typeof value === "string" && isTaken(value) && value !== form.formState.defaultValues?.[field])
        form.setValue(field as Path<V>, value as never, { shouldDirty: true })
    }
    // Only once: it is about what was there before.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [])
}

const never = () => () => {}
