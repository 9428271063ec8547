"use client"

import { useState } from "react"

import { Button } from "@/components/ui/button"
import { Field, TextInput } from "@/components/ui/field"
import { Notice } from "@/components/ui/notice"
import { useServerForm } from "@/components/use-server-form"
import { createOrganizationAction, type CreateOrganizationState } from "./actions"

export function CreateOrganizationForm({ next, origin }: { next: string; origin: string }) {
  const initial: CreateOrganizationState = {
    ok: false,
    values: { username: "", name: "", next },
    detail: "",
    fields: {},
  }
  const { state, pending, notice, form } = useServerForm<CreateOrganizationState["values"]>(
    createOrganizationAction,
    initial,
  )
  const [username, setUsername] = useState("")

  return (
    <form {...form} className="grid gap-6">
      {state.detail && Object.keys(state.fields).length === 0 && (
        <div ref={notice} tabIndex={-1}>
          <Notice kind="danger" role="alert">
            {state.detail}
          </Notice>
        </div>
      )}
      <input type="hidden" name="next" value={next} />
      <Field
        label="Name"
        id="username"
        error={state.fields.username}
        hint={
          <span>
            Lowercase letters, numbers and dashes. It is part of your models’ URLs and cannot be changed:{" "}
            <span className="font-mono text-xs wrap-anywhere">
              {origin.replace(/^https?:\/\//, "")}/{username || "name"}
            </span>
          </span>
        }
      >
        {(control) => (
          <TextInput
            {...control}
            name="username"
            defaultValue={state.values.username}
            onChange={(event) => setUsername(event.target.value)}
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
      <div>
        <Button type="submit" variant="primary" pending={pending} pendingLabel="Creating…">
          Create organization
        </Button>
      </div>
    </form>
  )
}
