"use client"

import { type ChangeEvent, type ReactNode, useState } from "react"

import { Checkbox, Field, type ControlProps, Select, TextArea, TextInput } from "@/components/ui/field"
import type { Field as Input } from "@/lib/versions/read-form"
import { controlOf } from "./read-input"

type Props = {
  field: Input
  /** What the control starts with. */
  text: string
  error: string | undefined
  /** Whether files can be sent to this server, which takes an account. */
  uploads: boolean
}

/** The control of one input, as its schema says. */
export function InputField({ field, text, error, uploads }: Props) {
  const name = controlOf(field.name)
  if (field.kind === "boolean")
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
      {(control) => controlFor(field, { ...control, name, defaultValue: text }, uploads)}
    </Field>
  )
}

type Named = ControlProps & { name: string; defaultValue: string }

function controlFor(field: Input, control: Named, uploads: boolean): ReactNode {
  switch (field.kind) {
    case "choice":
      return (
        <Select {...control}>
          {!field.required && field.default === undefined && <option value="">–</option>}
          {(field.options ?? []).map((option) => (
            <option key={option} value={option}>
              {option.startsWith('"') ? (JSON.parse(option) as string) : option}
            </option>
          ))}
        </Select>
      )
    case "integer":
    case "number":
      return <TextInput {...control} inputMode="decimal" autoComplete="off" className="max-w-60" />
    case "secret":
      return <TextInput {...control} type="password" autoComplete="off" spellCheck={false} />
    case "date-time":
      return <TextInput {...control} placeholder="2026-01-31T12:00:00Z" autoComplete="off" mono />
    case "file":
      return <FileInput control={control} accept={field.accept} uploads={uploads} />
    case "array":
    case "object":
    case "union":
    case "any":
    case "null":
      return (
        <TextArea {...control} rows={3} mono spellCheck={false} placeholder={field.kind === "array" ? "[]" : "{}"} />
      )
    default:
      return <TextArea {...control} rows={2} />
  }
}

/** An address, or a file that is sent to this server as soon as it is chosen and then has one. */
function FileInput({ control, accept, uploads }: { control: Named; accept?: string; uploads: boolean }) {
  const [address, setAddress] = useState(control.defaultValue)
  const [state, setState] = useState<{ name?: string; failed?: string }>({})
  const { defaultValue: _, ...rest } = control

  async function send(event: ChangeEvent<HTMLInputElement>) {
    const file = event.target.files?.[0]
    if (!file) return
    setState({ name: `Sending ${file.name}…` })
    const query = new URLSearchParams({ filename: file.name, type: file.type })
    const answer = await fetch(`/api/web/files?${query}`, { method: "POST", body: file })
      .then(async (response) => ({ ok: response.ok, body: await response.json() }))
      .catch(() => ({ ok: false, body: { detail: "No answer came from the server. Choose the file again." } }))
    if (!answer.ok) return setState({ failed: answer.body.detail })
    setAddress(answer.body.url)
    setState({ name: file.name })
  }

  return (
    <span className="grid gap-2">
      <TextInput
        {...rest}
        value={address}
        onChange={(event) => {
          setAddress(event.target.value)
          setState({})
        }}
        inputMode="url"
        placeholder="https://… or data:…"
        autoComplete="off"
        spellCheck={false}
      />
      {uploads && (
        <input
          type="file"
          accept={accept}
          aria-label="Choose a file"
          onChange={(event) => void send(event)}
          className="text-sm noscript:hidden file:mr-3 file:min-h-8.5 file:rounded-md file:border file:border-field file:bg-surface file:px-3 file:text-sm file:font-semibold file:text-text"
        />
      )}
      <span role="status" className="text-sm text-muted empty:hidden">
        {state.failed ? <span className="text-danger">{state.failed}</span> : state.name}
      </span>
    </span>
  )
}

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
