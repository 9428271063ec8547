"use client"

import { type KeyboardEvent, startTransition, useEffect, useRef, useState, useSyncExternalStore } from "react"
import { type UseFormReturn, useForm, useWatch } from "react-hook-form"

import { DraftNotice } from "@/components/draft-notice"
import { lazyResolver } from "@/components/lazy-resolver"
import { type HardwareRow } from "@/components/hardware-specs"
import { HardwarePicker } from "@/components/hardware-picker"
import { Button } from "@/components/ui/button"
import { Disclosure } from "@/components/ui/disclosure"
import { ErrorSummary } from "@/components/ui/error-summary"
import { Field, FieldGroup, TextInput } from "@/components/ui/field"
import { Notice } from "@/components/ui/notice"
import { RadioCard } from "@/components/ui/radio-card"
import { useFormAction } from "@/components/use-form-action"
import { useRefusal } from "@/components/use-refusal"
import { createModelFields, descriptionLimit, type CreateModelField } from "@/lib/models/fields"
import type { OwnerChoiceBody } from "@/lib/organizations/present"
import type { Fields } from "@/lib/problem"
import { createModelAction } from "./actions"
import { dropDraft, keepDraft, readDraft } from "./draft"
import { NameField } from "./name-field"
import { OwnerField } from "./owner-field"
import type { CreateValues } from "./prefill"
import { CostInShort, Summary } from "./summary"

type Props = {
  /** Who is signed in. */
  account: string
  owners: OwnerChoiceBody[]
  hardware: HardwareRow[]
  goodStart: string
  values: CreateValues
  fields: Fields
  /** Whether the query brought values; they take precedence over a draft. */
  prefilled: boolean
  /** The owner from the query; a restored draft must have the same. */
  askedOwner: string | null
  /** Identifies this form: of two submits with the same key and content, the second returns what the first created. */
  formKey: string
  origin: string
}

const links = [
  { field: "github_url", label: "GitHub URL", example: "https://github.com/you/project" },
  { field: "paper_url", label: "Paper URL", example: "https://arxiv.org/abs/…" },
  { field: "license_url", label: "License URL", example: "https://…/LICENSE" },
  { field: "cover_image_url", label: "Cover image URL", example: "https://…/cover.png" },
] as const

const resolver = lazyResolver<CreateValues>(async () => (await import("@/lib/models/schema")).CreateModelInput)

/** The ids that error links point to; a group is reached through its first radio. */
const idOf = (field: CreateModelField) =>
  field === "visibility" ? "visibility-public" : field === "hardware" ? "hardware-first" : field

export function CreateModelForm({
  account,
  owners,
  hardware,
  goodStart,
  values,
  fields,
  prefilled,
  askedOwner,
  formKey,
  origin,
}: Props) {
  const [state, send, pending] = useFormAction(createModelAction, { ok: false, values, detail: "", fields })
  const form = useForm<CreateValues>({
    resolver,
    defaultValues: state.values,
    mode: "onSubmit",
  })
  const { complaints, noticeRef } = useRefusal(form, state, createModelFields)
  const now = { ...state.values, ...useWatch({ control: form.control }) } as CreateValues
  const element = useRef<HTMLFormElement>(null)
  const open = owners.filter(({ refused }) => refused === null).map(({ username }) => username)

  const price = hardware.find((row) => row.sku === now.hardware)?.usd_per_second
  const firstProblem = createModelFields.find((field) => complaints[field])
  const summary = createModelFields.flatMap((field) =>
    complaints[field] ? [{ field: idOf(field), message: complaints[field] }] : [],
  )
  const { submitCount } = form.formState
  const text = (field: CreateModelField) => ({
    ...form.register(field),
    defaultValue: state.values[field],
    autoFocus: state.detail !== "" && field === firstProblem,
  })

  const takes: Takes = {
    owner: (username) => open.includes(username),
    visibility: (value) => value === "public" || value === "private",
    hardware: (sku) => hardware.some((row) => row.sku === sku && row.reason === null),
  }
  const restored = useDraft(form, now, { account, takes, askedOwner, prefilled, refused: state.detail !== "" })
  useEarlyChoices(form, takes)

  function submitWithShortcut(event: KeyboardEvent) {
    if (event.key === "Enter" && (event.metaKey || event.ctrlKey)) element.current?.requestSubmit()
  }

  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-10 lg:grid-cols-[minmax(0,1fr)_20rem] lg:gap-14">
      <form
        ref={element}
        id="create-model"
        action={send}
        noValidate
        onKeyDown={submitWithShortcut}
        onSubmit={(event) => {
          event.preventDefault()
          if (pending) return
          void form.handleSubmit(() => startTransition(() => send(new FormData(element.current!))))(event)
        }}
        className="grid grid-cols-[minmax(0,1fr)] content-start gap-8"
      >
        {restored.is && <DraftNotice discard={restored.discard} />}
        <input type="hidden" name="form_key" value={formKey} />
        {state.detail && summary.length === 0 && submitCount === 0 && <Refusal detail={state.detail} />}
        {state.detail && Object.keys(state.fields).length === 0 && submitCount > 0 && (
          <div ref={noticeRef} tabIndex={-1}>
            <Refusal detail={state.detail} />
          </div>
        )}
        {summary.length > (submitCount > 0 ? 1 : 0) && (submitCount > 0 || state.detail) && (
          <ErrorSummary errors={summary} />
        )}

        <div className="grid gap-x-3 gap-y-6 sm:grid-cols-[minmax(9rem,13rem)_auto_minmax(0,1fr)]">
          <OwnerField
            owners={owners}
            owner={now.owner}
            error={complaints.owner}
            select={{ ...form.register("owner"), defaultValue: state.values.owner }}
          />
          <span aria-hidden="true" className="mt-8.5 text-xl text-muted max-sm:hidden">
            /
          </span>
          <NameField
            form={form}
            owners={open}
            owner={now.owner}
            name={now.name}
            initial={state.values.name}
            complaint={complaints.name}
            origin={origin}
            autoFocus={text("name").autoFocus}
          />
        </div>

        <Field
          label="Description"
          mark="optional"
          id="description"
          error={complaints.description}
          hint="What the model does, in plain words."
        >
          {(control) => (
            <TextInput {...control} {...text("description")} maxLength={descriptionLimit + 500} autoComplete="off" />
          )}
        </Field>

        <FieldGroup label="Visibility" id="visibility" error={complaints.visibility} hint="You can change this later.">
          <div className="grid gap-3 sm:grid-cols-2">
            <RadioCard
              {...form.register("visibility")}
              id="visibility-public"
              title="Public"
              value="public"
              defaultChecked={state.values.visibility === "public"}
            >
              Anyone can see and run it. Whoever runs it pays, for active time only.
            </RadioCard>
            <RadioCard
              {...form.register("visibility")}
              title="Private"
              value="private"
              defaultChecked={state.values.visibility === "private"}
            >
              {now.owner === account ? "Only you" : `Only members of ${now.owner}`} can see and run it.{" "}
              {now.owner === account ? "You pay" : "It pays"} for setup, active and idle time on dedicated hardware.
            </RadioCard>
          </div>
        </FieldGroup>

        <FieldGroup label="Hardware" id="hardware" error={complaints.hardware} hint="You can change this later.">
          <HardwarePicker
            rows={hardware}
            radio={form.register("hardware")}
            selected={state.values.hardware}
            firstId="hardware-first"
            goodStart={goodStart}
          />
        </FieldGroup>

        <Disclosure
          summary="More"
          mark="links and cover image"
          open={links.some(({ field }) => complaints[field] || values[field]) || undefined}
          className="border-t border-line pt-5"
        >
          <div className="grid gap-5">
            {links.map(({ field, label, example }) => (
              <Field key={field} label={label} mark="optional" id={field} error={complaints[field]}>
                {(control) => (
                  <TextInput
                    {...control}
                    {...text(field)}
                    type="url"
                    inputMode="url"
                    placeholder={example}
                    maxLength={2500}
                    autoComplete="off"
                  />
                )}
              </Field>
            ))}
          </div>
        </Disclosure>

        <div className="flex flex-wrap items-center gap-x-5 gap-y-3 border-t border-line pt-6">
          {price !== undefined && <CostInShort values={now} own={now.owner === account} price={price} />}
          <Button type="submit" variant="primary" pending={pending} pendingLabel="Creating…">
            Create model
          </Button>
          <p className="text-sm text-muted pointer-coarse:hidden noscript:hidden">
            or press <kbd>Ctrl</kbd> <kbd>Enter</kbd>
          </p>
        </div>
      </form>

      <Summary
        values={now}
        seers={now.owner === account ? "Only you" : `Members of ${now.owner}`}
        price={price}
        origin={origin}
      />
    </div>
  )
}

const Refusal = ({ detail }: { detail: string }) => (
  <Notice kind="danger" role="alert">
    {detail}
  </Notice>
)

const choices = ["owner", "visibility", "hardware"] as const

/** Choices made before the scripts loaded are kept; the form library would reset them. */
function useEarlyChoices(form: UseFormReturn<CreateValues>, takes: Takes) {
  const hydrating = useSyncExternalStore(
    never,
    () => false,
    () => true,
  )
  const [early] = useState(() => {
    const form = hydrating && typeof document !== "undefined" && document.getElementById("create-model")
    return form ? new FormData(form as HTMLFormElement) : null
  })

  useEffect(() => {
    for (const field of choices) {
      const value = early?.get(field)
      if (typeof value === "string" && takes[field](value) && value !== form.formState.defaultValues?.[field])
        form.setValue(field, value, { shouldDirty: true })
    }
    // Runs once, for choices made before the scripts loaded.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [])
}

const never = () => () => {}

/** Whether a choice is still available: the user may have left an organization, or hardware may be gone. */
type Takes = Record<(typeof choices)[number], (value: string) => boolean>

type DraftOptions = Pick<Props, "account" | "askedOwner" | "prefilled"> & {
  takes: Takes
  refused: boolean
}

/**
 * Keeps a draft across reloads and side trips. Into a form prefilled by its URL, only a draft typed at that URL is
 * restored.
 */
function useDraft(
  form: UseFormReturn<CreateValues>,
  now: CreateValues,
  { account, takes, askedOwner, prefilled, refused }: DraftOptions,
) {
  const [restored, setRestored] = useState(false)
  const [settled, setSettled] = useState(false)

  useEffect(() => {
    const draft = refused ? null : readDraft(account)
    if (draft && !(prefilled && draft.from !== location.search)) {
      const values = { ...draft.values, ...(askedOwner && !prefilled && { owner: askedOwner }) }
      for (const field of createModelFields) {
        const value = values[field] ?? ""
        if ((field in takes && !takes[field as keyof Takes](value)) || value === form.getValues(field)) continue
        form.clearErrors(field)
        form.setValue(field, value, { shouldDirty: true })
        setRestored(true)
      }
    }
    setSettled(true)
    // Restored once, when the page opens.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [])

  const { isDirty } = form.formState
  const text = JSON.stringify(now)
  const typed = useRef(false)
  useEffect(() => {
    if (settled && isDirty) keepDraft(account, { values: JSON.parse(text), from: location.search })
    else if (typed.current) dropDraft(account)
    typed.current = settled && isDirty
  }, [account, settled, isDirty, text])

  return {
    is: restored,
    discard() {
      dropDraft(account)
      form.reset()
      setRestored(false)
    },
  }
}
