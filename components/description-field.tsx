"use client"

import type { ComponentProps } from "react"

import { Field, TextArea } from "@/components/ui/field"
import { descriptionLimit } from "@/lib/models/fields"

type Props = { error: string | undefined; length: number; textarea: ComponentProps<"textarea"> }

/** The description field of a model with a character counter. */
export const DescriptionField = ({ error, length, textarea }: Props) => (
  <Field
    label="Description"
    mark="optional"
    id="description"
    error={error}
    hint={
      <span className="flex justify-between gap-4">
        <span>What the model does, in plain words.</span>
        <span className={`tabular-nums ${length > descriptionLimit ? "font-medium text-danger" : ""}`}>
          {`${length} / ${descriptionLimit}`}
        </span>
      </span>
    }
  >
    {(control) => (
      <TextArea {...control} rows={2} {...textarea} maxLength={descriptionLimit + 500} autoComplete="off" />
    )}
  </Field>
)
