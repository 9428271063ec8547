"use client"

import { useEffect } from "react"
import type { FieldValues, Path, UseFormReturn } from "react-hook-form"

import { useEarly } from "./use-early"

/**
 * By field, whether a value can still be chosen: the viewer may have left an organization, and hardware may have become
 * unavailable.
 */
export type Takes = Record<string, (value: string) => boolean>

/**
 * Keeps what was typed and chosen before hydration: the form library would reset choices to the defaults, and notice
 * texts only with the next key.
 */
export function useEarlyChoices<V extends FieldValues>(
  id: string,
  form: UseFormReturn<V>,
  takes: Takes,
  defaults: Record<string, string>,
) {
  const early = useEarly(id, (element) => new FormData(element as HTMLFormElement))

  useEffect(() => {
    const texts: Record<string, string> = {}
    const changed: Path<V>[] = []
    for (const [field, byDefault] of Object.entries(defaults)) {
      const value = early?.get(field)
      if (typeof value !== "string" || value === byDefault || takes[field]?.(value) === false) continue
      changed.push(field as Path<V>)
      const now: unknown = form.getValues(field as Path<V>)
      // The library takes a text that was emptied for one that was never edited.
      if (takes[field] || now === byDefault) form.setValue(field as Path<V>, value as never, { shouldDirty: true })
      // Unless the field has changed it meanwhile, for example to tidy a name.
      else if (now === value) texts[field] = value
    }
    // The library reads texts from the page, but tells nobody; this does, even if they are the same.
    if (Object.keys(texts).length > 0) form.setValues(texts as never, { shouldDirty: true })
    // What the server said about a field was about its value before.
    const refused = changed.filter((field) => form.getFieldState(field).invalid)
    if (refused.length > 0) void form.trigger(refused)
    // Only once, after hydration.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [])
}
