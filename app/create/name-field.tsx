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

/** Longer than a name may be, so that a long one is reported instead of cut. */
const longest = 200

/** The name field: tidies while typing, splits a pasted reference, and checks availability once typing pauses. */
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
    setNote(mine ? "" : `Only the name was used: you cannot create models for ${reference.owner}.`)
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
            <span>See </span>
            <a href={availability.path} className="link wrap-anywhere">
              {owner}/{name}
            </a>
            <span>.</span>
          </span>
        ) : availability.status === "free" && complaint === undefined ? (
          <span>
            <Tell tone="accent">Available.</Tell> Address: <Address origin={origin} owner={owner} name={name} />
          </span>
        ) : availability.status === "unknown" ? (
          "Availability could not be checked. You can still create the model."
        ) : availability.status === "checking" && complaint === undefined ? (
          <span aria-hidden="true">
            Address: <Address origin={origin} owner={owner} name={name} />
          </span>
        ) : null
      }
      hint={
        <>
          {raw !== name && tidyName(raw) === name && (
            <span className="block">
              Changed to <span className="font-mono text-xs wrap-anywhere">{name}</span>.{" "}
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
              Available:{" "}
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
          {availability.status === "idle" && (
            <span>Use lowercase letters, numbers, and - _ . ; start and end with a letter or number.</span>
          )}
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

/** Inserts text at the caret as if it were typed, trimmed: a copied word often brings a space along. */
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
