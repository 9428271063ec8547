import type { ReactNode } from "react"

/** A section of the settings, linked from the list at the side. */
export function Section({
  id,
  title,
  lead,
  folded = false,
  children,
}: {
  id: string
  title: string
  lead?: ReactNode
  /** Whether the content is in a fold to the right of the title. */
  folded?: boolean
  children: ReactNode
}) {
  return (
    <section
      aria-labelledby={id}
      className={`relative grid scroll-mt-6 grid-cols-[minmax(0,1fr)] gap-4 border-t border-line pt-6 [--fold-top:1.5rem] first:border-0 first:pt-0 ${folded ? "sm:gap-0" : ""}`}
    >
      <div className={folded ? "sm:pr-44" : ""}>
        <h2 id={id} className="scroll-mt-6">
          {title}
        </h2>
        {lead && <div className="mt-1 max-w-2xl text-muted">{lead}</div>}
      </div>
      {children}
    </section>
  )
}

/** A part of the danger zone. */
export function Danger({
  id,
  title,
  lead,
  children,
}: {
  id: string
  title: string
  lead: ReactNode
  children: ReactNode
}) {
  return (
    <section
      aria-labelledby={id}
      className="relative grid grid-cols-[minmax(0,1fr)] gap-4 border-t border-line p-5 [--fold-right:1.25rem] [--fold-top:1.25rem] first:border-0 sm:gap-0"
    >
      <div className="sm:pr-32">
        <h3 id={id} className="scroll-mt-6">
          {title}
        </h3>
        <div className="mt-1 max-w-2xl space-y-2 text-sm text-muted">{lead}</div>
      </div>
      {children}
    </section>
  )
}
