"use client"

import type { KeyboardEvent } from "react"
import { useWatch } from "react-hook-form"

import { DescriptionField } from "@/components/description-field"
import { modelDraft } from "@/components/draft-keys"
import { DraftNotice } from "@/components/draft-notice"
import { HardwarePicker } from "@/components/hardware-picker"
import { type HardwareRow } from "@/components/hardware-specs"
import { isSubmitShortcut } from "@/components/is-submit-shortcut"
import { lazyResolver } from "@/components/lazy-resolver"
import { ErrorSummary } from "@/components/ui/error-summary"
import { FieldGroup } from "@/components/ui/field"
import { Notice } from "@/components/ui/notice"
import { useActionForm } from "@/components/use-action-form"
import { type Takes, useEarlyChoices } from "@/components/use-early-choices"
import { useFormDraft } from "@/components/use-form-draft"
import { createModelFields, type CreateModelField } from "@/lib/models/fields"
import type { OwnerChoiceBody } from "@/lib/organizations/present"
import type { Fields } from "@/lib/problem"
import { createModelAction } from "./actions"
import { LinkFields, links } from "./link-fields"
import { NameField } from "./name-field"
import { OwnerField } from "./owner-field"
import type { CreateValues } from "./prefill"
import { SubmitBar } from "./submit-bar"
import { Summary } from "./summary"
import { VisibilityField } from "./visibility-field"

type Props = {
  /** The viewer's username. */
  account: string
  owners: OwnerChoiceBody[]
  hardware: HardwareRow[]
  goodStart: string
  values: CreateValues
  fields: Fields
  /** Whether the URL prefilled the form; then a draft is only restored if it was saved under the same query. */
  prefilled: boolean
  /** The owner in the URL, which replaces that of a restored draft. */
  askedOwner: string | null
  /** Makes the submit idempotent: the same key and content create one model. */
  formKey: string
  origin: string
}

const resolver = lazyResolver<CreateValues>(async () => (await import("@/lib/models/schema")).CreateModelInput)

/** The IDs that error links point to; for a group, that of its first radio. */
const idOf = (field: CreateModelField) =>
  field === "visibility" ? "visibility-public" : field === "hardware" ? "hardware-first" : field

/** Errors of link fields need the field's name; all other errors make clear what they are about. */
const nameOf = (field: CreateModelField) => links.find((link) => link.field === field)?.label

export function CreateModelForm(given: Props) {
  const { account, owners, hardware, goodStart, values, fields, prefilled, askedOwner, formKey, origin } = given
  const { state, pending, form, complaints, notice, element, props, text } = useActionForm(
    createModelAction,
    { ok: false, values, detail: "", fields },
    { fields: createModelFields, resolver },
  )
  // Of several invalid fields, the one registered first gets the focus.
  form.register("name")
  const now = { ...state.values, ...useWatch({ control: form.control }) } as CreateValues
  const open = owners.filter(({ refused }) => refused === null).map(({ username }) => username)
  const price = hardware.find((row) => row.sku === now.hardware)?.usd_per_second

  const takes: Takes = {
    owner: (username) => open.includes(username),
    visibility: (value) => value === "public" || value === "private",
    hardware: (sku) => hardware.some((row) => row.sku === sku && row.reason === null),
  }
  const restored = useFormDraft(form, now, {
    draft: modelDraft(account),
    fields: createModelFields,
    takes,
    askedOwner,
    prefilled,
    refused: state.detail !== "",
  })
  useEarlyChoices("create-model", form, takes, state.values)

  const { submitCount } = form.formState
  const problems = createModelFields.flatMap((field) => {
    const name = nameOf(field)
    return complaints[field]
      ? [{ field: idOf(field), message: name ? `${name}: ${complaints[field]}` : complaints[field] }]
      : []
  })
  const isRefused = state.detail !== "" && Object.keys(state.fields).length === 0

  function submitWithShortcut(event: KeyboardEvent) {
    if (isSubmitShortcut(event)) element.current?.requestSubmit()
  }

  return (
    <div id="create" className="grid grid-cols-[minmax(0,1fr)] gap-10 lg:grid-cols-[minmax(0,1fr)_20rem] lg:gap-14">
      <form {...props} id="create-model" onKeyDown={submitWithShortcut} className="flex min-w-0 flex-col gap-7">
        {restored.is && <DraftNotice discard={restored.discard} />}
        <input type="hidden" name="form_key" value={formKey} />
        {(isRefused || (state.detail && problems.length === 0 && submitCount === 0)) && (
          <div ref={notice} tabIndex={-1}>
            <Notice kind="danger" role="alert">
              {state.detail}
            </Notice>
          </div>
        )}
        {problems.length > 0 && (submitCount > 0 || state.detail) && <ErrorSummary errors={problems} />}

        <div className="grid grid-cols-[minmax(0,1fr)] gap-x-5 gap-y-6 sm:grid-cols-[minmax(0,1fr)_fit-content(60%)]">
          <NameField
            form={form}
            owners={open}
            owner={now.owner}
            name={now.name}
            initial={state.values.name}
            complaint={complaints.name}
            origin={origin}
          />
          <OwnerField
            owners={owners}
            owner={now.owner}
            error={complaints.owner}
            select={{ ...form.register("owner"), defaultValue: state.values.owner }}
            choose={(username) => form.setValue("owner", username, { shouldDirty: true })}
            origin={origin}
          />
        </div>

        <VisibilityField
          radio={form.register("visibility")}
          selected={state.values.visibility}
          error={complaints.visibility}
          owner={now.owner}
          own={now.owner === account}
        />

        <FieldGroup label="Hardware" id="hardware" error={complaints.hardware} hint="You can change this later.">
          <HardwarePicker
            rows={hardware}
            radio={form.register("hardware")}
            selected={state.values.hardware}
            chosen={now.hardware}
            firstId="hardware-first"
            goodStart={goodStart}
          />
        </FieldGroup>

        <DescriptionField
          error={complaints.description}
          length={now.description.length}
          textarea={text("description")}
        />
        <LinkFields
          text={text}
          complaints={complaints}
          open={links.some(({ field }) => complaints[field] || values[field])}
        />
        <SubmitBar pending={pending} values={now} price={price} />
      </form>

      <Summary
        values={now}
        seers={now.owner === account ? "Only you" : `Members of ${now.owner}`}
        price={price}
        origin={origin}
        pending={pending}
      />
    </div>
  )
}
