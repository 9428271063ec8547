"use client"

import { useEffect, useState, useSyncExternalStore } from "react"
import type { UseFormReturn } from "react-hook-form"

import type { CreateValues } from "./prefill"

const choices = ["owner", "visibility", "hardware"] as const

/** Whether a choice can still be made: an organization may have been left meanwhile, and hardware been closed. */
export type Takes = Record<(typeof choices)[number], (value: string) => boolean>

/** Keeps what was chosen before the scripts were here; the form library would set it back to what the page came with. */
export function useEarlyChoices(form: UseFormReturn<CreateValues>, takes: Takes) {
  const hydrating = useSyncExternalStore(
    never,
    () => false,
    () => true,
  )
  const [early] = useState(() => {
    const form = hydrating && typeof document !== "undefined" && document.getElementById("create-model")
    return form ? new FormData(form as HTMLFormElement) : null
  })

  useEffect(() => {
    for (const field of choices) {
      const value = early?.get(field)
      if (typeof value === "string" && takes[field](value) && value !== form.formState.defaultValues?.[field])
        form.setValue(field, value, { shouldDirty: true })
    }
    // Only once: it is about what was there before.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [])
}

const never = () => () => {}
