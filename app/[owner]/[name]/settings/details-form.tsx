"use client"

import { lazyResolver } from "@/components/lazy-resolver"
import { Field, TextArea, TextInput } from "@/components/ui/field"
import { descriptionLimit, detailFields, type DetailField } from "@/lib/models/fields"
import { type ModelRef, saveDetailsAction } from "./actions"
import { hiddenFor } from "./hidden"
import { SectionForm } from "@/components/section-form"
import { useActionForm } from "@/components/use-action-form"
import { freshForm } from "@/lib/next/form"

const links = [
  { field: "github_url", label: "GitHub URL", example: "https://github.com/you/project" },
  { field: "paper_url", label: "Paper URL", example: "https://arxiv.org/abs/…" },
  { field: "license_url", label: "License URL", example: "https://…/LICENSE" },
  { field: "weights_url", label: "Weights URL", example: "https://huggingface.co/…" },
] as const

const resolver = lazyResolver<Record<DetailField, string>>(
  async () => (await import("@/lib/models/schema")).UpdateModelInput,
)

const labels = { description: "Description", ...Object.fromEntries(links.map(({ field, label }) => [field, label])) }

export function DetailsForm({
  model,
  values,
  revision,
}: {
  model: ModelRef
  values: Record<DetailField, string>
  revision: string
}) {
  const section = useActionForm(saveDetailsAction, freshForm(values), { fields: detailFields, resolver, revision })
  const { complaints, text } = section

  return (
    <SectionForm
      section={section}
      hidden={hiddenFor(model)}
      labels={labels}
      variant="primary"
      label="Save details"
      pendingLabel="Saving…"
    >
      <Field
        label="Description"
        mark="optional"
        id="description"
        error={complaints.description}
        hint="What the model does, in plain words. Shown below its name."
      >
        {(control) => <TextArea {...control} {...text("description")} rows={2} maxLength={descriptionLimit + 500} />}
      </Field>
      <div className="grid gap-5 sm:grid-cols-2">
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
    </SectionForm>
  )
}
