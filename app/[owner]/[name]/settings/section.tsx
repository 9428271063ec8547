import type { ReactNode } from "react"

/** A section of the settings, linked from the list at the side. */
export function Section({
  id,
  title,
  lead,
  children,
}: {
  id: string
  title: string
  lead?: ReactNode
  children: ReactNode
}) {
  return (
    <section
      aria-labelledby={id}
      className="grid scroll-mt-6 grid-cols-[minmax(0,1fr)] gap-5 border-t border-line pt-8 first:border-0 first:pt-0"
    >
      <div>
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
      className="grid grid-cols-[minmax(0,1fr)] gap-4 border-t border-line p-5 first:border-0"
    >
      <div>
        <h3 id={id} className="scroll-mt-6">
          {title}
        </h3>
        <div className="mt-1 max-w-2xl space-y-2 text-sm text-muted">{lead}</div>
      </div>
      {children}
    </section>
  )
}
