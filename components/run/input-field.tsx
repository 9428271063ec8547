"use client"

import { type ReactNode, useState } from "react"

import { Checkbox, Field, type ControlProps, Select, TextArea, TextInput } from "@/components/ui/field"
import type { Field as Input } from "@/lib/versions/read-form"
import { FileInput, FileListInput } from "./file-input"
import { controlOf } from "./read-input"

type Props = {
  field: Input
  /** What the control starts with. */
  text: string
  error: string | undefined
  /** Whether files can be sent to this server, which takes an account. */
  uploads: boolean
  /** Called when the control holds something else without anybody typing into it. */
  changed: () => void
}

/** The control of one input, as its schema says. */
export function InputField({ field, text, error, uploads, changed }: Props) {
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
          <span>{field.type}</span>
          {field.required && <span className="ml-1 text-danger">required</span>}
          {field.deprecated && <span className="ml-1">deprecated</span>}
        </>
      }
      error={error}
      hint={hintOf(field)}
    >
      {(control) => controlFor(field, { ...control, name, defaultValue: text }, uploads, changed)}
    </Field>
  )
}

type Named = ControlProps & { name: string; defaultValue: string }

/** A box is ticked or not; what may be neither is a choice of three. */
export const mayBeLeftOut = ({ required, default: preset }: Pick<Input, "required" | "default">) =>
  !required && preset === undefined

function controlFor(field: Input, control: Named, uploads: boolean, changed: () => void): ReactNode {
  switch (field.kind) {
    case "boolean":
      return (
        <Select {...control} className="max-w-60">
          <option value="">–</option>
          <option value="true">true</option>
          <option value="false">false</option>
        </Select>
      )
    case "choice":
      return (
        <Select {...control}>
          {(control.defaultValue === "" || mayBeLeftOut(field)) && <option value="">–</option>}
          {(field.options ?? []).map((option) => (
            <option key={option} value={option}>
              {option.startsWith('"') ? (JSON.parse(option) as string) : option}
            </option>
          ))}
        </Select>
      )
    case "integer":
    case "number":
      return hasSlider(field) ? (
        <RangeInput field={field} control={control} changed={changed} />
      ) : (
        <TextInput {...control} inputMode="decimal" autoComplete="off" className="max-w-60" />
      )
    case "secret":
      return <TextInput {...control} type="password" autoComplete="off" spellCheck={false} />
    case "date-time":
      return <TextInput {...control} placeholder="2026-01-31T12:00:00Z" autoComplete="off" mono />
    case "file":
      return <FileInput control={control} accept={field.accept} uploads={uploads} changed={changed} />
    case "array":
      if (field.items?.kind === "file")
        return <FileListInput control={control} accept={field.items.accept} uploads={uploads} changed={changed} />
      return <TextArea {...control} rows={3} mono spellCheck={false} placeholder="[]" />
    case "object":
    case "union":
    case "any":
    case "null":
      return (
        <TextArea
          {...control}
          rows={3}
          mono
          spellCheck={false}
          placeholder={field.kind === "object" ? "{}" : "JSON or text"}
        />
      )
    default:
      return <TextArea {...control} rows={2} className="field-sizing-content max-h-96 min-h-16.5" />
  }
}

/** A number between two bounds: to be typed, or found with a slider where there are scripts. */
function RangeInput({ field, control, changed }: { field: Input; control: Named; changed: () => void }) {
  const { defaultValue, ...rest } = control
  const [text, setText] = useState(defaultValue)
  const [min, max] = [Number(field.min), Number(field.max)]
  const number = Number(text)
  return (
    <span className="flex items-center gap-3">
      <TextInput
        {...rest}
        value={text}
        onChange={(event) => setText(event.target.value)}
        inputMode="decimal"
        autoComplete="off"
        className="max-w-28"
      />
      <input
        type="range"
        aria-label={`Slider of ${field.name}`}
        min={min}
        max={max}
        step={stepOf(field, max - min)}
        value={text.trim() !== "" && Number.isFinite(number) ? number : min}
        onChange={(event) => {
          setText(event.target.value)
          // Not before the box holds it.
          setTimeout(changed)
        }}
        className="min-w-0 flex-1 accent-accent noscript:hidden"
      />
    </span>
  )
}

const hasSlider = ({ min, max }: Input) =>
  min !== undefined &&
  max !== undefined &&
  Number(max) > Number(min) &&
  Number.isSafeInteger(Math.ceil(Number(max) - Number(min)))

const stepOf = ({ kind }: Input, span: number) => (kind === "integer" ? 1 : 10 ** Math.floor(Math.log10(span / 50)))

const amount = (count: number, kind: Input["kind"]) => {
  const [one, many] = kind === "array" ? ["entry", "entries"] : ["character", "characters"]
  return `${count.toLocaleString("en-US")} ${count === 1 ? one : many}`
}

function hintOf({ description, default: preset, min, max, above, below, shortest, longest, kind }: Input) {
  const bounds = [
    min !== undefined && `${above ? "more than" : "at least"} ${min}`,
    max !== undefined && `${below ? "less than" : "at most"} ${max}`,
    shortest !== undefined && `at least ${amount(shortest, kind)}`,
    longest !== undefined && `at most ${amount(longest, kind)}`,
  ].filter(Boolean)
  if (!description && bounds.length === 0 && preset === undefined) return undefined
  return (
    <>
      {description && <span className="block wrap-anywhere">{description}</span>}
      {bounds.length > 0 && (
        <span className="block">{`${bounds.join(", ")}.`.replace(/^./, (c) => c.toUpperCase())}</span>
      )}
      {preset !== undefined && kind !== "choice" && (
        <span className="block">
          <span>Default: </span>
          <code className="text-xs wrap-anywhere">{preset.slice(0, 200)}</code>
        </span>
      )}
    </>
  )
}
