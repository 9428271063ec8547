"use client"

import { useRef } from "react"

import { lazyResolver } from "@/components/lazy-resolver"
import { CurrentValues } from "@/components/current-values"
import { Button } from "@/components/ui/button"
import { Field, TextArea, TextInput } from "@/components/ui/field"
import { Notice } from "@/components/ui/notice"
import { useActionForm } from "@/components/use-action-form"
import { collectionFields } from "@/lib/collections/fields"
import { freshForm } from "@/lib/next/form"
import type { CollectionState } from "./actions"
import type { CollectionValues } from "./values"

type Props = {
  action: (state: CollectionState, form: FormData) => Promise<CollectionState>
  values: CollectionValues
  /** The revision of the values, when editing a collection. */
  revision?: string
  /** Makes the submit idempotent: without scripts, nothing else prevents that a double click sends it twice. */
  formKey?: string
  /** The slug of the collection being edited; undefined for a new one. */
  was?: string
  submit: string
  pendingLabel: string
}

const resolver = lazyResolver<CollectionValues>(
  async () => (await import("@/lib/collections/schema")).CreateCollectionInput,
)

const labels = { name: "Name", slug: "Slug", description: "Description", full_description: "Full description" }

/** The form of a collection: name, slug and descriptions. */
export function CollectionForm({ action, values, revision, formKey, was, submit, pendingLabel }: Props) {
  const {
    state,
    pending,
    form,
    complaints,
    notice,
    props,
    revision: filledWith,
  } = useActionForm(action, freshForm(values), { fields: collectionFields, resolver, revision })
  const slugIsOwn = useRef(values.slug !== "")
  const name = form.register("name")
  const slug = form.register("slug")

  return (
    <form {...props} className="grid gap-6">
      {state.detail && Object.keys(state.fields).length === 0 && (
        <div ref={notice} tabIndex={-1}>
          <Notice kind="danger" role="alert">
            {state.detail}
            <CurrentValues state={state} labels={labels} />
          </Notice>
        </div>
      )}
      {formKey && <input type="hidden" name="form_key" value={formKey} />}
      {was !== undefined && <input type="hidden" name="was" value={was} />}
      <input type="hidden" name="revision" value={filledWith ?? ""} />
      <Field label="Name" id="name" error={complaints.name}>
        {(control) => (
          <TextInput
            {...control}
            {...name}
            defaultValue={state.values.name}
            maxLength={200}
            required
            autoComplete="off"
            onChange={(event) => {
              void name.onChange(event)
              if (!slugIsOwn.current)
                form.setValue("slug", slugOf(event.target.value), { shouldValidate: form.formState.isSubmitted })
            }}
          />
        )}
      </Field>
      <Field
        label="Slug"
        id="slug"
        error={complaints.slug}
        hint="Used in its URL: /collections/slug. Lowercase letters, numbers and dashes."
      >
        {(control) => (
          <TextInput
            {...control}
            {...slug}
            mono
            defaultValue={state.values.slug}
            maxLength={200}
            required
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
            onChange={(event) => {
              slugIsOwn.current = event.target.value !== ""
              void slug.onChange(event)
            }}
          />
        )}
      </Field>
      <Field
        label="Description"
        mark="optional"
        id="description"
        error={complaints.description}
        hint="One or two sentences, shown in lists and above the models."
      >
        {(control) => (
          <TextArea {...control} {...form.register("description")} defaultValue={state.values.description} rows={2} />
        )}
      </Field>
      <Field
        label="Full description"
        mark="optional"
        id="full_description"
        error={complaints.full_description}
        hint="Markdown, shown below the models: how to choose between them and what to read next."
      >
        {(control) => (
          <TextArea
            {...control}
            {...form.register("full_description")}
            mono
            defaultValue={state.values.full_description}
            rows={8}
            className="text-sm"
          />
        )}
      </Field>
      <div>
        <Button type="submit" variant="primary" pending={pending} pendingLabel={pendingLabel}>
          {submit}
        </Button>
      </div>
    </form>
  )
}

const slugOf = (name: string) =>
  name
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .slice(0, 100)
    .replace(/^-+|-+$/g, "")
