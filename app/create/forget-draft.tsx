"use client"

import { useEffect } from "react"

import { dropDraft, readDraft } from "./draft"

/** Discards the draft once its model is created. */
export function ForgetDraft({ account, owner, name }: { account: string; owner: string; name: string }) {
  useEffect(() => {
    const draft = readDraft(account)
    if (draft?.values.owner === owner && draft.values.name === name) dropDraft(account)
  }, [account, owner, name])
  return null
}
