"use client"

import { useWatch } from "react-hook-form"

import { lazyResolver } from "@/components/lazy-resolver"
import { DescriptionField } from "@/components/description-field"
import { Disclosure } from "@/components/ui/disclosure"
import { Field, TextInput } from "@/components/ui/field"
import { detailFields, type DetailField } from "@/lib/models/fields"
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
  const description = useWatch({ control: section.form.control, name: "description" })
  const linked = links.filter(({ field }) => section.state.values[field])

  return (
    <SectionForm
      section={section}
      hidden={hiddenFor(model)}
      labels={labels}
      variant="primary"
      label="Save details"
      pendingLabel="Saving…"
      className="sm:grid-cols-[minmax(0,1fr)_auto] sm:items-end"
    >
      <div className="sm:col-span-2">
        <DescriptionField
          error={complaints.description}
          length={(description ?? values.description).length}
          textarea={text("description")}
        />
      </div>
      <Disclosure
        summary="Links"
        mark={linked.length > 0 ? linked.map(({ label }) => label.replace(" URL", "")).join(", ") : "none yet"}
        open={links.some(({ field }) => complaints[field]) || undefined}
      >
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
      </Disclosure>
    </SectionForm>
  )
}
