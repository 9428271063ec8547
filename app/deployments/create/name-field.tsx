"use client"

import { useRef } from "react"

import { NameStatus, Offer, useTypingProblem } from "@/components/name-status"
import { Field, TextInput } from "@/components/ui/field"
import { useAvailability } from "@/components/use-availability"
import { isModelName, nearestName, tidyName } from "@/lib/models/name"

type Props = {
  owner: string
  name: string
  initial: string
  /** What the server said about the initial name. */
  complaint: string | undefined
  onChange: (name: string) => void
}

/** The name field: tidies while typing, and checks availability once typing pauses. */
export function NameField({ owner, name, initial, complaint, onChange }: Props) {
  const input = useRef<HTMLInputElement>(null)
  const refused = complaint !== undefined && name === initial
  const availability = useAvailability("deployment", owner, name, refused)
  const problem = useTypingProblem(name)
  const nearest = name && !isModelName(name) ? nearestName(name) : null

  function put(value: string) {
    input.current!.value = value
    input.current!.focus()
    onChange(value)
  }

  return (
    <Field
      label="Name"
      id="name"
      error={refused ? complaint : (problem ?? undefined)}
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
          ref={input}
          name="name"
          defaultValue={initial}
          mono
          autoFocus
          maxLength={200}
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          onChange={({ target, nativeEvent }) => {
            // Changing text during input method composition would break it.
            if (!(nativeEvent as InputEvent).isComposing) tidy(target)
            onChange(target.value)
          }}
          onCompositionEnd={({ currentTarget }) => {
            tidy(currentTarget)
            onChange(currentTarget.value)
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
