"use client"

import * as drafts from "@/components/draft"
import type { CreateValues } from "./prefill"

type Draft = {
  values: CreateValues
  /** The query of the page it was typed on, which may have prefilled the rest. */
  from: string
}

const keyOf = (account: string) => `understudy.create-draft.${account}`

/** The draft of an account on the create page. */
export const readDraft = (account: string) =>
  drafts.readDraft<Draft>(keyOf(account), ({ values }) =>
    Object.values(values).every((value) => typeof value === "string"),
  )
export const keepDraft = (account: string, draft: Draft) => drafts.keepDraft(keyOf(account), draft)
export const dropDraft = (account: string) => drafts.dropDraft(keyOf(account))
