import { type Ref, useId } from "react"
import { ErrorIcon } from "./icons"

export type ErrorSummaryProps = {
  /** `field` is the ID of the control to link to; without one, the message is plain text. */
  errors: { field?: string; message: string }[]
  title?: string
  /** Focus it when a submit fails: `headingRef.current?.focus()`. */
  headingRef?: Ref<HTMLHeadingElement>
  className?: string
}

/** All errors of a form, each linked to its field. */
export function ErrorSummary({ errors, title, headingRef, className = "" }: ErrorSummaryProps) {
  const heading = useId()
  if (errors.length === 0) return null

  return (
    <section
      aria-labelledby={heading}
      className={`flex gap-3 rounded-lg border-2 border-danger bg-surface px-4 py-3.5 ${className}`}
    >
      <ErrorIcon size={20} className="mt-px text-danger" />
      <div className="min-w-0">
        <h2 id={heading} ref={headingRef} tabIndex={-1} className="text-base">
          {title ??
            (errors.length === 1 ? "One thing needs your attention" : `${errors.length} things need your attention`)}
        </h2>
        <ul className="mt-1 grid">
          {errors.map(({ field, message }) => (
            <li key={`${field} ${message}`} className="py-0.5">
              {field ? (
                <a
                  href={`#${field}`}
                  className="font-medium text-danger underline underline-offset-3 hover:text-danger-strong"
                >
                  {message}
                </a>
              ) : (
                message
              )}
            </li>
          ))}
        </ul>
      </div>
    </section>
  )
}
