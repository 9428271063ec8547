"use client"

import { type ClipboardEvent, useEffect, useState } from "react"
import type { UseFormReturn } from "react-hook-form"

import { NameStatus, Offer, useTypingProblem } from "@/components/name-status"
import { Field, TextInput } from "@/components/ui/field"
import { useAvailability } from "@/components/use-availability"
import { useEarly } from "@/components/use-early"
import { isModelName, nameRule, nearestName, splitReference, tidyName } from "@/lib/models/name"
import type { CreateValues } from "./prefill"

type Props = {
  form: UseFormReturn<CreateValues>
  owners: string[]
  owner: string
  name: string
  initial: string
  complaint: string | undefined
  origin: string
}

/** More than a name may have, so that a long name is reported as an error instead of cut off. */
const longest = 200

/** The name field: normalizes what is typed, splits a pasted reference, and checks availability once typing pauses. */
export function NameField({ form, owners, owner, name, initial, complaint, origin }: Props) {
  const early = useEarly("name", (input) => (input as HTMLInputElement).value)
  const [raw, setRaw] = useState(early ?? initial)
  const [asTyped, setAsTyped] = useState(false)
  const [note, setNote] = useState("")
  const availability = useAvailability("model", owner, name, complaint !== undefined)
  const problem = useTypingProblem(name)
  const registered = form.register("name")

  useEffect(() => {
    if (early && early !== initial) typeAgain(early)
    // Only once, after hydration.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [])

  function put(value: string) {
    setRaw(value)
    form.setValue("name", value, { shouldDirty: true, shouldTouch: true })
    form.clearErrors("name")
    form.setFocus("name")
  }

  function tidy(input: HTMLInputElement) {
    const typed = input.value
    setNote("")
    setRaw(typed.startsWith(name) ? raw + typed.slice(name.length) : typed)
    if (typed === "") setAsTyped(false)
    if (asTyped || tidyName(typed) === typed) return
    const caret = tidyName(typed.slice(0, input.selectionStart ?? typed.length)).length
    input.value = tidyName(typed)
    input.setSelectionRange(caret, caret)
  }

  /** Does with what was typed or pasted before hydration what would have been done then. */
  function typeAgain(text: string) {
    const reference = splitReference(text)
    if (reference) putReference(reference)
    else if (tidyName(text) !== text) form.setValue("name", tidyName(text), { shouldDirty: true, shouldTouch: true })
  }

  function undo() {
    setAsTyped(true)
    put(raw)
  }

  function takeApart(event: ClipboardEvent<HTMLInputElement>) {
    const text = event.clipboardData.getData("text")
    const reference = splitReference(text)
    if (!reference && text === text.trim()) return
    event.preventDefault()
    if (reference) putReference(reference)
    else putIn(event.currentTarget, text.trim().slice(0, longest))
  }

  function putReference(reference: { owner: string; name: string }) {
    const mine = owners.includes(reference.owner)
    if (mine) form.setValue("owner", reference.owner, { shouldDirty: true })
    put(reference.name)
    setNote(mine ? "" : `Only the name was used: you cannot create models for ${reference.owner}.`)
  }

  const nearest = name && !isModelName(name) ? nearestName(name) : null
  const tidied = raw !== name && tidyName(raw) === name

  return (
    <Field
      label="Name"
      id="name"
      error={complaint ?? problem ?? undefined}
      status={
        <NameStatus
          named="model"
          availability={availability}
          owner={owner}
          name={name}
          address={
            <span>
              <span>Address: </span>
              <Address origin={origin} owner={owner} name={name} />
            </span>
          }
          put={put}
        />
      }
      hint={
        <>
          {tidied && (
            <span className="block">
              <span>Changed to </span>
              <span className="font-mono text-xs wrap-anywhere">{name}</span>
              <span>. </span>
              <Offer onClick={undo}>Undo</Offer>
            </span>
          )}
          {!tidied && note && <span className="block">{note}</span>}
          {!tidied && !note && nearest && (
            <span className="flex min-w-0 gap-1">
              <span>Use</span>
              <Offer onClick={() => put(nearest)}>
                <span className="font-mono text-xs">{nearest}</span>
              </Offer>
            </span>
          )}
          {!tidied && !note && !nearest && availability.status === "idle" && !complaint && !problem && (
            <span>{nameRule}</span>
          )}
        </>
      }
      className="[&>p]:min-h-5"
    >
      {(control) => (
        <TextInput
          {...control}
          {...registered}
          defaultValue={initial}
          // The only required field without a default.
          autoFocus
          onChange={(event) => {
            // Changing text during input method composition would break it.
            if (!(event.nativeEvent as InputEvent).isComposing) tidy(event.target)
            return registered.onChange(event)
          }}
          onCompositionEnd={(event) => {
            tidy(event.currentTarget)
            form.setValue("name", event.currentTarget.value, { shouldDirty: true, shouldTouch: true })
          }}
          onPaste={takeApart}
          mono
          maxLength={longest}
          required
          autoComplete="off"
          autoCapitalize="off"
          autoCorrect="off"
          spellCheck={false}
        />
      )}
    </Field>
  )
}

/** Inserts text at the caret as if it were typed, trimmed because copied words often come with a space. */
function putIn(input: HTMLInputElement, text: string) {
  input.setRangeText(text, input.selectionStart ?? 0, input.selectionEnd ?? 0, "end")
  input.dispatchEvent(new InputEvent("input", { bubbles: true }))
}

const Address = ({ origin, owner, name }: { origin: string; owner: string; name: string }) => (
  <span className="font-mono text-xs">{`${origin.replace(/^https?:\/\//, "")}/${owner}/${name}`}</span>
)
