"use client"

import { type ReactNode, useEffect, useState } from "react"

import { Button } from "@/components/ui/button"
import { Field, TextInput } from "@/components/ui/field"
import { Notice } from "@/components/ui/notice"
import { useActionForm } from "@/components/use-action-form"
import { addOrganizationAction, createOrganizationAction, type CreateOrganizationState } from "./actions"

type Props = {
  /** Makes the submit idempotent: without scripts, nothing else prevents that a double click sends it twice. */
  formKey?: string
  next: string
  origin: string
  /** Called with the new organization's name, instead of redirecting to it. */
  created?: (username: string) => void
  /** Content beside the button. */
  children?: ReactNode
}

export function CreateOrganizationForm({ formKey, next, origin, created, children }: Props) {
  const [initial] = useState<CreateOrganizationState>({
    ok: false,
    values: { username: "", name: "", next },
    detail: "",
    fields: {},
  })
  const { state, pending, notice, props } = useActionForm<CreateOrganizationState>(
    created ? addOrganizationAction : createOrganizationAction,
    initial,
  )
  const [username, setUsername] = useState("")

  useEffect(() => {
    if (state.ok) created?.(state.values.username)
    // Only when the server has responded.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [state])

  return (
    <form {...props} className="grid gap-6">
      {state.detail && Object.keys(state.fields).length === 0 && (
        <div ref={notice} tabIndex={-1}>
          <Notice kind="danger" role="alert">
            {state.detail}
          </Notice>
        </div>
      )}
      {formKey && <input type="hidden" name="form_key" value={formKey} />}
      <input type="hidden" name="next" value={next} />
      <Field
        label="Name"
        id="username"
        error={state.fields.username}
        hint={
          <>
            <span>Lowercase letters, numbers and dashes. It is part of your models’ URLs and cannot be changed: </span>
            <span className="font-mono text-xs wrap-anywhere">
              {`${origin.replace(/^https?:\/\//, "")}/${username.slice(0, 39).replace(/-$/, "") || "name"}`}
            </span>
          </>
        }
      >
        {(control) => (
          <TextInput
            {...control}
            name="username"
            defaultValue={state.values.username}
            onChange={(event) => {
              if (!(event.nativeEvent as InputEvent).isComposing) tidy(event.target)
              setUsername(event.target.value)
            }}
            onCompositionEnd={(event) => {
              tidy(event.currentTarget)
              setUsername(event.currentTarget.value)
            }}
            autoFocus
            mono
            autoCapitalize="off"
            autoCorrect="off"
            autoComplete="off"
            spellCheck={false}
            maxLength={100}
            required
          />
        )}
      </Field>
      <Field
        label="Display name"
        mark="optional"
        id="name"
        error={state.fields.name}
        hint="For example “Acme Research”. You can change it later."
      >
        {(control) => (
          <TextInput
            {...control}
            name="name"
            defaultValue={state.values.name}
            maxLength={200}
            autoComplete="organization"
          />
        )}
      </Field>
      <div className="flex flex-wrap gap-3">
        <Button type="submit" variant="primary" pending={pending} pendingLabel="Creating…">
          Create organization
        </Button>
        {children}
      </div>
    </form>
  )
}

/** Converts what is typed to lower case, and other characters to dashes, so that the URL shown is valid. */
function tidy(input: HTMLInputElement) {
  const tidied = input.value
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, "-")
    .replace(/-{2,}/g, "-")
    .replace(/^-/, "")
  if (tidied === input.value) return
  const caret = Math.max(0, (input.selectionStart ?? tidied.length) + tidied.length - input.value.length)
  input.value = tidied
  input.setSelectionRange(caret, caret)
}
