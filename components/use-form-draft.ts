"use client"

import { useEffect, useRef, useState } from "react"
import type { FieldValues, Path, UseFormReturn } from "react-hook-form"

import { dropDraft, saveDraft, readDraft } from "./form-draft"
import type { Takes } from "./use-early-choices"

type DraftOptions<V> = {
  /** The key of the draft. */
  draft: string
  fields: readonly (keyof V & string)[]
  /** The owner in the URL, which replaces that of a restored draft. */
  askedOwner: string | null
  /** Whether the URL prefilled the form; then a draft is only restored if it was saved under the same query. */
  prefilled: boolean
  takes: Takes
  refused: boolean
}

/**
 * Saves what is typed as a draft, and restores it when the page is opened again. A form that was prefilled by its URL
 * only gets a draft that was saved under the same query.
 */
export function useFormDraft<V extends FieldValues & Record<string, string>>(
  form: UseFormReturn<V>,
  now: V,
  { draft: key, fields, takes, askedOwner, prefilled, refused }: DraftOptions<V>,
) {
  const [restored, setRestored] = useState(false)
  const [isReady, setReady] = useState(false)

  useEffect(() => {
    const draft = refused ? null : readDraft(key)
    if (draft && !(prefilled && draft.from !== location.search)) {
      const values: Record<string, string> = { ...draft.values, ...(askedOwner && !prefilled && { owner: askedOwner }) }
      for (const field of fields as readonly Path<V>[]) {
        const value = values[field] ?? ""
        if (takes[field]?.(value) === false || value === form.getValues(field)) continue
        form.clearErrors(field)
        form.setValue(field, value as never, { shouldDirty: true })
        setRestored(true)
      }
    }
    setReady(true)
    // Only once, when the page opens.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [])

  const { isDirty } = form.formState
  const text = JSON.stringify(now)
  const typed = useRef(false)
  useEffect(() => {
    if (isReady && isDirty) saveDraft(key, { values: JSON.parse(text), from: location.search })
    else if (typed.current) dropDraft(key)
    typed.current = isReady && isDirty
  }, [key, isReady, isDirty, text])

  return {
    is: restored,
    discard() {
      dropDraft(key)
      form.reset()
      setRestored(false)
      document.getElementById("name")?.focus()
    },
  }
}
