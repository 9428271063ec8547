"use client"

import { useEffect } from "react"

import { dropDraft, readDraft } from "./draft"

/** On the page of a model that was just created: what had been typed to create it is no draft any more. */
export function ForgetDraft({ account, owner, name }: { account: string; owner: string; name: string }) {
  useEffect(() => {
    const draft = readDraft(account)
    if (draft?.values.owner === owner && draft.values.name === name) dropDraft(account)
  }, [account, owner, name])
  return null
}
