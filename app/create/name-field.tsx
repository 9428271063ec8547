"use client"

import { type ClipboardEvent, type ReactNode, useState } from "react"
import type { UseFormReturn } from "react-hook-form"

import { Field, TextInput } from "@/components/ui/field"
import { isModelName, nearestName, splitReference, tidyName } from "@/lib/models/name"
import type { CreateValues } from "./prefill"
import { useAvailability } from "./use-availability"

type Props = {
  form: UseFormReturn<CreateValues>
  owners: string[]
  owner: string
  name: string
  initial: string
  complaint: string | undefined
  origin: string
  autoFocus: boolean
}

/** More than a name may have, so that one that is too long is told and not cut. */
const longest = 200

/** The name, tidied as it is typed, taken apart when a whole reference is pasted, and looked up once typing rests. */
export function NameField({ form, owners, owner, name, initial, complaint, origin, autoFocus }: Props) {
  const [raw, setRaw] = useState(initial)
  const [asTyped, setAsTyped] = useState(false)
  const [note, setNote] = useState("")
  const availability = useAvailability(owner, name, complaint !== undefined)
  const registered = form.register("name")

  function put(value: string) {
    setRaw(value)
    form.setValue("name", value, { shouldDirty: true, shouldTouch: true, shouldValidate: true })
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

  function undo() {
    setAsTyped(true)
    put(raw)
  }

  function takeApart(event: ClipboardEvent<HTMLInputElement>) {
    const text = event.clipboardData.getData("text")
    const reference = splitReference(text)
    if (!reference && text === text.trim()) return
    event.preventDefault()
    if (!reference) return putIn(event.currentTarget, text.trim().slice(0, longest))
    const mine = owners.includes(reference.owner)
    if (mine) form.setValue("owner", reference.owner, { shouldDirty: true })
    put(reference.name)
    setNote(mine ? "" : `Only the name was taken over: you cannot create models for ${reference.owner}.`)
  }

  const nearest = name && !isModelName(name) ? nearestName(name) : null
  const taken = availability.status === "taken"

  return (
    <Field
      label="Name"
      id="name"
      error={complaint}
      status={
        taken ? (
          <span>
            {complaint === undefined && <Tell tone="danger">Taken. </Tell>}
            <span>There is </span>
            <a href={availability.path} className="link wrap-anywhere">
              {owner}/{name}
            </a>
            <span>.</span>
          </span>
        ) : availability.status === "free" && complaint === undefined ? (
          <span>
            <Tell tone="accent">Available.</Tell> It will live at <Address origin={origin} owner={owner} name={name} />
          </span>
        ) : availability.status === "unknown" ? (
          "Could not check whether it is free. You can create it all the same."
        ) : availability.status === "checking" && complaint === undefined ? (
          <span aria-hidden="true">
            It will live at <Address origin={origin} owner={owner} name={name} />
          </span>
        ) : null
      }
      hint={
        <>
          {raw !== name && tidyName(raw) === name && (
            <span className="block">
              Written as <span className="font-mono text-xs wrap-anywhere">{name}</span>.{" "}
              <Offer onClick={undo}>Undo</Offer>
            </span>
          )}
          {note && <span className="block">{note}</span>}
          {nearest && (
            <span className="block">
              Did you mean{" "}
              <Offer onClick={() => put(nearest)}>
                <span className="font-mono text-xs">{nearest}</span>
              </Offer>
              ?
            </span>
          )}
          {availability.status === "taken" && availability.suggestions.length > 0 && (
            <span className="block">
              Free:{" "}
              {availability.suggestions.map((suggestion, at) => (
                <span key={suggestion}>
                  {at > 0 && <span>, </span>}
                  <Offer onClick={() => put(suggestion)}>
                    <span className="font-mono text-xs">{suggestion}</span>
                  </Offer>
                </span>
              ))}
            </span>
          )}
          {availability.status === "idle" && <span>Lowercase letters, numbers, dashes, underscores and periods.</span>}
        </>
      }
    >
      {(control) => (
        <TextInput
          {...control}
          {...registered}
          defaultValue={initial}
          autoFocus={autoFocus}
          onChange={(event) => {
            // What an input method is still putting together would be torn out of its hands.
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

/** Puts text where the caret is, as if it were typed: a copied word often brings the blank beside it along. */
function putIn(input: HTMLInputElement, text: string) {
  input.setRangeText(text, input.selectionStart ?? 0, input.selectionEnd ?? 0, "end")
  input.dispatchEvent(new InputEvent("input", { bubbles: true }))
}

const Tell = ({ tone, children }: { tone: "accent" | "danger"; children: ReactNode }) => (
  <span className={`font-medium ${tone === "accent" ? "text-accent" : "text-danger"}`}>{children}</span>
)

const Offer = ({ onClick, children }: { onClick: () => void; children: ReactNode }) => (
  <button type="button" onClick={onClick} className="link min-h-6 rounded-sm wrap-anywhere">
    {children}
  </button>
)

const Address = ({ origin, owner, name }: { origin: string; owner: string; name: string }) => (
  <span className="font-mono text-xs wrap-anywhere">
    {origin.replace(/^https?:\/\//, "")}/{owner}/{name}
  </span>
)
