import type { ReactNode } from "react"

export type PageHeaderProps = {
  title: ReactNode
  /** One sentence below the title. */
  lead?: ReactNode
  /** Breadcrumbs above the title. */
  above?: ReactNode
  actions?: ReactNode
  className?: string
}

export function PageHeader({ title, lead, above, actions, className = "" }: PageHeaderProps) {
  return (
    <header className={`flex flex-wrap items-start justify-between gap-x-8 gap-y-4 sm:flex-nowrap ${className}`}>
      <div className="min-w-0">
        {above && <div className="mb-1 text-sm text-muted">{above}</div>}
        <h1 className="wrap-anywhere">{title}</h1>
        {lead && <div className="mt-2 max-w-[42rem] text-pretty text-muted">{lead}</div>}
      </div>
      {actions && <div className="flex shrink-0 flex-wrap items-center gap-3">{actions}</div>}
    </header>
  )
}
