"use client"

import { useEffect } from "react"
import type { FieldValues, Path, UseFormReturn } from "react-hook-form"

import { useEarly } from "./use-early"

/**
 * By field, whether a value can still be chosen: the viewer may have left an organization, and hardware may have become
 * unavailable.
 */
export type Takes = Record<string, (value: string) => boolean>

/** Keeps choices made before hydration, which the form library would reset to the defaults. */
export function useEarlyChoices<V extends FieldValues>(id: string, form: UseFormReturn<V>, takes: Takes) {
  const early = useEarly(id, (element) => new FormData(element as HTMLFormElement))

  useEffect(() => {
    for (const [field, isTaken] of Object.entries(takes)) {
      const value = early?.get(field)
      if (typeof value === "string" && isTaken(value) && value !== form.formState.defaultValues?.[field])
        form.setValue(field as Path<V>, value as never, { shouldDirty: true })
    }
    // Only once, after hydration.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [])
}
