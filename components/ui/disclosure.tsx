import type { ComponentProps, ReactNode } from "react"
import { ChevronRightIcon } from "./icons"

export type DisclosureProps = ComponentProps<"details"> & {
  summary: ReactNode
  /** A note after the summary, such as "optional". */
  mark?: ReactNode
}

/** Native details; of several with the same `name`, only one is open at a time. */
export function Disclosure({ summary, mark, className = "", children, ...rest }: DisclosureProps) {
  return (
    <details className={`group/disclosure ${className}`} {...rest}>
      <summary className="inline-flex min-h-8 items-center gap-1.5 rounded-sm font-semibold">
        <ChevronRightIcon
          size={16}
          className="-ml-0.5 text-muted transition-transform group-open/disclosure:rotate-90"
        />
        <span>
          {summary}
          {mark && <span className="ml-1.5 font-normal text-muted">{mark}</span>}
        </span>
      </summary>
      <div className="pt-3">{children}</div>
    </details>
  )
}
