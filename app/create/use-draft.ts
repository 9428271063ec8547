"use client"

import { useEffect, useRef, useState } from "react"
import type { UseFormReturn } from "react-hook-form"

import { createModelFields } from "@/lib/models/fields"
import { dropDraft, keepDraft, readDraft } from "./draft"
import type { CreateValues } from "./prefill"
import type { Takes } from "./use-early-choices"

type DraftOptions = {
  account: string
  /** The owner the address asked for; a draft that is brought back goes to it. */
  askedOwner: string | null
  /** Whether the address brought values along; a draft steps back behind them. */
  prefilled: boolean
  takes: Takes
  refused: boolean
}

/**
 * Keeps what is typed over a reload and side trips, and brings it back; into a form that its address filled in, only what was typed at that
 * very address.
 */
export function useDraft(
  form: UseFormReturn<CreateValues>,
  now: CreateValues,
  { account, takes, askedOwner, prefilled, refused }: DraftOptions,
) {
  const [restored, setRestored] = useState(false)
  const [isReady, setReady] = useState(false)

  useEffect(() => {
    const draft = refused ? null : readDraft(account)
    if (draft && !(prefilled && draft.from !== location.search)) {
      const values = { ...draft.values, ...(askedOwner && !prefilled && { owner: askedOwner }) }
      for (const field of createModelFields) {
        const value = values[field] ?? ""
        if ((field in takes && !takes[field as keyof Takes](value)) || value === form.getValues(field)) continue
        form.clearErrors(field)
        form.setValue(field, value, { shouldDirty: true })
        setRestored(true)
      }
    }
    setReady(true)
    // Only what the form holds when the page opens decides.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [])

  const { isDirty } = form.formState
  const text = JSON.stringify(now)
  const typed = useRef(false)
  useEffect(() => {
    if (isReady && isDirty) keepDraft(account, { values: JSON.parse(text), from: location.search })
    else if (typed.current) dropDraft(account)
    typed.current = isReady && isDirty
  }, [account, isReady, isDirty, text])

  return {
    is: restored,
    discard() {
      dropDraft(account)
      form.reset()
      setRestored(false)
      document.getElementById("name")?.focus()
    },
  }
}
