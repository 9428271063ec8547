"use client"

import { modelDraft } from "@/components/draft-keys"
import { readDraft } from "@/components/form-draft"
import { onFirstUse } from "@/components/on-first-use"

/** The form to create a model; its scripts are most of those of its page. */
export const CreateForm = onFirstUse({
  id: "create",
  load: async () => (await import("./create-model-form")).CreateModelForm,
  neededAtOnce: ({ account }) => readDraft(modelDraft(account)) !== null,
})
