import type { ComponentProps } from "react"

import { Disclosure } from "@/components/ui/disclosure"
import { Field, TextInput } from "@/components/ui/field"

/** The link fields of a model, with their labels in the form and its error summary. */
export const links = [
  { field: "github_url", label: "GitHub URL", example: "https://github.com/you/project" },
  { field: "paper_url", label: "Paper URL", example: "https://arxiv.org/abs/…" },
  { field: "license_url", label: "License URL", example: "https://…/LICENSE" },
  { field: "cover_image_url", label: "Cover image URL", example: "https://…/cover.png" },
] as const

type LinkField = (typeof links)[number]["field"]

type Props = {
  text: (field: LinkField) => ComponentProps<"input">
  complaints: Partial<Record<LinkField, string>>
  /** Whether the fields are unfolded when the page opens. */
  open: boolean
}

/** The optional fields for links and cover image, folded. */
export const LinkFields = ({ text, complaints, open }: Props) => (
  <Disclosure
    summary="More"
    mark="links and cover image"
    open={open || undefined}
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
)
