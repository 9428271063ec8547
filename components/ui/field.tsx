import { type ComponentProps, type ReactNode, useId } from "react"
import { ChevronDownIcon, ErrorIcon } from "./icons"

type Notes = {
  hint?: ReactNode
  /** The error: what is wrong and how to fix it. */
  error?: string
  /** The status of the value while typing, announced politely. Pass null, not undefined, while there is none. */
  status?: ReactNode
}

type Labelled = Notes & {
  label: ReactNode
  /** A note after the label, such as "optional". */
  mark?: ReactNode
  /** Needed if something else refers to it, such as an ErrorSummary. */
  id?: string
  className?: string
}

/** Props for the control inside a Field. */
export type ControlProps = { id: string; "aria-describedby"?: string; "aria-invalid"?: true }

export type FieldProps = Labelled & { children: (control: ControlProps) => ReactNode }

/** A label, a control, and its hint, status and error. */
export function Field({ label, mark, id, className = "", children, ...notes }: FieldProps) {
  const generated = useId()
  const control = id ?? generated

  return (
    <div className={`grid grid-cols-[minmax(0,1fr)] content-start gap-1.5 ${className}`}>
      <div>
        <label htmlFor={control} className="font-semibold">
          {label}
        </label>
        <LabelMark>{mark}</LabelMark>
      </div>
      {children({
        id: control,
        "aria-describedby": describedBy(control, notes),
        "aria-invalid": notes.error ? true : undefined,
      })}
      <FieldNotes of={control} {...notes} />
    </div>
  )
}

/** A question with several controls, such as radios. */
export function FieldGroup({
  label,
  mark,
  id,
  className = "",
  children,
  ...notes
}: Labelled & { children: ReactNode }) {
  const generated = useId()
  const group = id ?? generated

  return (
    <fieldset id={group} aria-describedby={describedBy(group, notes)} className={`min-w-0 ${className}`}>
      <legend className="mb-1.5 font-semibold">
        {label}
        <LabelMark>{mark}</LabelMark>
      </legend>
      <div className="grid gap-1.5">
        {children}
        <FieldNotes of={group} {...notes} />
      </div>
    </fieldset>
  )
}

const describedBy = (id: string, { error, status, hint }: Notes) =>
  [error && `${id}-error`, status !== undefined && `${id}-status`, hint && `${id}-hint`].filter(Boolean).join(" ") ||
  undefined

function FieldNotes({ of: id, error, status, hint }: Notes & { of: string }) {
  return (
    <>
      {error && (
        <p id={`${id}-error`} className="flex gap-1.5 text-sm font-medium text-danger">
          <ErrorIcon size={16} className="mt-0.5" />
          {error}
        </p>
      )}
      {status !== undefined && (
        <p id={`${id}-status`} aria-live="polite" className="text-sm text-muted empty:hidden">
          {status}
        </p>
      )}
      {hint && (
        <p id={`${id}-hint`} className="text-sm text-muted">
          {hint}
        </p>
      )}
    </>
  )
}

function LabelMark({ children }: { children: ReactNode }) {
  return children ? <span className="ml-1.5 font-normal text-muted">{children}</span> : null
}

// Text of less than 16 pixels makes iOS zoom in on the field.
const control =
  "w-full min-w-0 rounded-md border border-field bg-surface px-3 text-base text-text transition-colors pointer-coarse:text-[1rem] " +
  "hover:border-text focus-visible:border-accent " +
  "aria-invalid:border-danger aria-invalid:inset-ring aria-invalid:inset-ring-danger " +
  "disabled:cursor-not-allowed disabled:bg-sunken disabled:text-muted disabled:hover:border-field"

// Separate, because browsers treat a select as read-only.
const typed = `${control} read-only:bg-sunken`

/** `mono` is for names, IDs and other machine-readable values. */
export function TextInput({
  mono,
  className = "",
  type = "text",
  ...rest
}: ComponentProps<"input"> & { mono?: boolean }) {
  return <input type={type} className={`${typed} h-10.5 ${mono ? "font-mono" : ""} ${className}`} {...rest} />
}

export function TextArea({ mono, className = "", rows = 4, ...rest }: ComponentProps<"textarea"> & { mono?: boolean }) {
  return (
    <textarea
      rows={rows}
      className={`${typed} block min-h-10.5 py-2 ${mono ? "font-mono" : ""} ${className}`}
      {...rest}
    />
  )
}

export function Select({ className = "", children, ...rest }: ComponentProps<"select">) {
  return (
    <span className={`relative block ${className}`}>
      <select className={`${control} h-10.5 appearance-none pr-9 text-ellipsis`} {...rest}>
        {children}
      </select>
      <ChevronDownIcon className="pointer-events-none absolute inset-y-0 right-3 my-auto text-muted" />
    </span>
  )
}

/** A checkbox with its label beside it; the whole line is clickable. */
export function Checkbox({
  label,
  hint,
  className = "",
  ...rest
}: ComponentProps<"input"> & { label: ReactNode; hint?: ReactNode }) {
  return (
    <label className={`flex gap-2.5 py-1 ${className}`}>
      <input type="checkbox" className="mt-0.5" {...rest} />
      <span>
        {label}
        {hint && <span className="block text-sm text-muted">{hint}</span>}
      </span>
    </label>
  )
}
