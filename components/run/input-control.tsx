"use client"

import { type KeyboardEvent, type ReactNode, useRef, useState } from "react"

import { type ControlProps, Select, TextInput } from "@/components/ui/field"
import { EarlyTextArea } from "./early-text-area"
import { ChevronDownIcon } from "@/components/ui/icons"
import type { Field as Input } from "@/lib/versions/read-form"
import { FileInput, FileListInput, useTold } from "./file-input"
import { boundsOf, hasPattern, Pattern } from "./hints"
import { startOfUnion } from "./read-input"
import { steppedNumber } from "./step-number"
import { branchesOf, branchNames, branchOf } from "./union"
import { useScripts } from "@/components/use-scripts"
import { useText } from "./use-text"

type Named = ControlProps & { name: string; defaultValue: string }

type Props = {
  field: Input
  control: Named
  /** The chosen variant of a union. */
  branch?: string
  uploads: boolean
  changed: () => void
}

/** Whether a field may be left out; a boolean that may be needs a select instead of a checkbox. */
export const mayBeLeftOut = ({ required, default: preset }: Pick<Input, "required" | "default">) =>
  !required && preset === undefined

/** The control for values of a field's type. */
export function InputControl({ field, control, branch, uploads, changed }: Props): ReactNode {
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
        <NumberInput field={field} control={control} />
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
      return <EarlyTextArea {...control} rows={3} mono spellCheck={false} placeholder="[]" />
    case "union":
      return <UnionInput field={field} control={control} branch={branch} uploads={uploads} changed={changed} />
    case "object":
    case "any":
    case "null":
      return <JsonInput control={control} placeholder={field.kind === "object" ? "{}" : "JSON or text"} />
    default:
      return <EarlyTextArea {...control} rows={2} className="field-sizing-content max-h-96 min-h-16.5" />
  }
}

const JsonInput = ({ control, placeholder }: { control: Named; placeholder: string }) => (
  <EarlyTextArea {...control} rows={3} mono spellCheck={false} placeholder={placeholder} />
)

/** The input of a union: a select for the variant, and the control of that variant. Without scripts, a text field. */
function UnionInput({ field, control, branch, uploads, changed }: Props) {
  const scripts = useScripts()
  const branches = branchesOf(field)
  const [start] = useState(() => startOfUnion(field, control.defaultValue, branch))
  const [{ chosen, texts }, setChosen] = useState({ chosen: start.branch, texts: { [start.branch]: start.text } })
  const around = useRef<HTMLSpanElement>(null)
  useTold(String(chosen), changed)
  if (!scripts) return <JsonInput control={control} placeholder="JSON or text" />
  const shape = branches[chosen]!
  const bounds = boundsOf(shape)

  function choose(next: number) {
    // Keeps the text of each variant for when it is chosen again.
    const now = around.current?.querySelector<HTMLInputElement>(`[name=${JSON.stringify(control.name)}]`)
    setChosen({ chosen: next, texts: { ...texts, [chosen]: now?.value ?? "" } })
  }

  return (
    <span ref={around} className="grid grid-cols-[minmax(0,1fr)] gap-2">
      <Select
        name={branchOf(field.name)}
        aria-label={`Form of ${field.name}`}
        value={chosen}
        onChange={({ target }) => choose(Number(target.value))}
        className="max-w-60"
      >
        {branchNames(branches).map((label, at) => (
          <option key={label} value={at}>
            {label}
          </option>
        ))}
      </Select>
      <InputControl
        key={chosen}
        field={{ name: field.name, title: field.title, required: field.required, ...shape }}
        control={{ ...control, defaultValue: texts[chosen] ?? "" }}
        uploads={uploads}
        changed={changed}
      />
      {(bounds || hasPattern(shape)) && (
        <span className="text-sm text-muted">
          {bounds && <span className="block">{bounds}</span>}
          <Pattern shape={shape} />
        </span>
      )}
    </span>
  )
}

/** A number input. The arrow keys change the last digit by one. */
function NumberInput({ field, control }: { field: Input; control: Named }) {
  const box = useRef<HTMLInputElement>(null)
  function step(up: boolean) {
    const next = box.current && steppedNumber(box.current.value, field, up)
    if (!next) return
    box.current!.value = next
    box.current!.dispatchEvent(new Event("input", { bubbles: true }))
  }
  return (
    <span className="relative block max-w-60">
      <TextInput
        {...control}
        ref={box}
        inputMode="decimal"
        autoComplete="off"
        className="pr-9"
        onKeyDown={(event) => stepWithArrows(event, step)}
      />
      <span aria-hidden="true" className="absolute inset-y-px right-px grid w-8 grid-rows-2 noscript:hidden">
        {[true, false].map((up) => (
          <button
            key={String(up)}
            type="button"
            tabIndex={-1}
            onClick={() => step(up)}
            className="grid place-items-center rounded-sm text-muted hover:bg-hover hover:text-text"
          >
            <ChevronDownIcon size={12} className={up ? "rotate-180" : ""} />
          </button>
        ))}
      </span>
    </span>
  )
}

function stepWithArrows(event: KeyboardEvent, step: (up: boolean) => void) {
  if ((event.key !== "ArrowUp" && event.key !== "ArrowDown") || event.altKey || event.ctrlKey || event.metaKey) return
  event.preventDefault()
  step(event.key === "ArrowUp")
}

/** A number with two bounds: a text field and, with scripts, a slider. */
function RangeInput({ field, control, changed }: { field: Input; control: Named; changed: () => void }) {
  const { defaultValue, ...rest } = control
  const { text, setText, box } = useText(defaultValue)
  const [min, max] = [Number(field.min), Number(field.max)]
  const number = Number(text)
  function change(next: string) {
    setText(next)
    // After the text field has the new value.
    setTimeout(changed)
  }
  return (
    <span className="flex items-center gap-3">
      <TextInput
        {...rest}
        ref={box}
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => stepWithArrows(event, (up) => change(steppedNumber(text, field, up) ?? text))}
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
        onChange={(event) => change(event.target.value)}
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
