"use client"

import type { UseFormReturn } from "react-hook-form"

import { NameStatus, Offer, useTypingProblem } from "@/components/name-status"
import { Field, TextInput } from "@/components/ui/field"
import { useAvailability } from "@/components/use-availability"
import { isModelName, nearestName, tidyName } from "@/lib/models/name"
import type { CreateValues } from "../fields"

type Props = {
  form: UseFormReturn<CreateValues>
  owner: string
  name: string
  initial: string
  /** The server's error about the name. */
  complaint: string | undefined
}

/** The name field: normalizes what is typed, and checks availability once typing pauses. */
export function NameField({ form, owner, name, initial, complaint }: Props) {
  const registered = form.register("name")
  const availability = useAvailability("deployment", owner, name, complaint !== undefined)
  const problem = useTypingProblem(name)
  const nearest = name && !isModelName(name) ? nearestName(name) : null

  function put(value: string) {
    form.setValue("name", value, { shouldDirty: true })
    form.clearErrors("name")
    form.setFocus("name")
  }

  return (
    <Field
      label="Name"
      id="name"
      error={complaint ?? problem ?? undefined}
      status={
        <NameStatus
          named="deployment"
          availability={availability}
          owner={owner}
          name={name}
          address={
            <span>
              <span>Your code calls </span>
              <span className="font-mono text-xs">{`${owner}/${name}`}</span>
            </span>
          }
          put={put}
        />
      }
      hint={
        nearest ? (
          <span className="flex min-w-0 gap-1">
            <span>Use</span>
            <Offer onClick={() => put(nearest)}>
              <span className="font-mono text-xs">{nearest}</span>
            </Offer>
          </span>
        ) : (
          "It cannot be changed later."
        )
      }
    >
      {(control) => (
        <TextInput
          {...control}
          {...registered}
          defaultValue={initial}
          mono
          autoFocus
          maxLength={200}
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          onChange={(event) => {
            // Changing text during input method composition would break it.
            if (!(event.nativeEvent as InputEvent).isComposing) tidy(event.target)
            return registered.onChange(event)
          }}
          onCompositionEnd={({ currentTarget }) => {
            tidy(currentTarget)
            form.setValue("name", currentTarget.value, { shouldDirty: true })
          }}
        />
      )}
    </Field>
  )
}

function tidy(input: HTMLInputElement) {
  const typed = input.value
  if (tidyName(typed) === typed) return
  const caret = tidyName(typed.slice(0, input.selectionStart ?? typed.length)).length
  input.value = tidyName(typed)
  input.setSelectionRange(caret, caret)
}
