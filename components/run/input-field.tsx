"use client"

import { Checkbox, Field } from "@/components/ui/field"
import type { Field as Input } from "@/lib/versions/read-form"
import { hintOf } from "./hints"
import { InputControl, mayBeLeftOut } from "./input-control"
import { controlOf } from "./read-input"
import { TypeIcon } from "./type-icon"

type Props = {
  field: Input
  /** The initial text of the control. */
  text: string
  /** The variant of a union that was submitted before. */
  branch?: string
  error: string | undefined
  /** Whether the viewer can upload files, which takes an account. */
  uploads: boolean
  /** Called when the value changes, including changes that fire no input event. */
  changed: () => void
}

/** The field of an input, with the control for its type. */
export function InputField({ field, text, branch, error, uploads, changed }: Props) {
  const name = controlOf(field.name)
  if (field.kind === "boolean" && !mayBeLeftOut(field))
    return (
      <div className="grid gap-1">
        <Checkbox
          name={name}
          value="true"
          id={name}
          defaultChecked={text === "true"}
          label={<span className="font-mono font-semibold">{field.name}</span>}
          hint={field.description}
        />
        {error && <p className="text-sm font-medium text-danger">{error}</p>}
      </div>
    )
  return (
    <Field
      id={name}
      label={<span className="font-mono">{field.name}</span>}
      mark={
        <>
          <TypeIcon kind={field.kind} />
          <span>{field.type}</span>
          {field.required && <span className="ml-1 text-danger">required</span>}
          {field.deprecated && <span className="ml-1">deprecated</span>}
        </>
      }
      error={error}
      hint={hintOf(field)}
    >
      {(control) => (
        <InputControl
          field={field}
          control={{ ...control, name, defaultValue: text }}
          branch={branch}
          uploads={uploads}
          changed={changed}
        />
      )}
    </Field>
  )
}
