import type { ReactNode } from "react"

export type EmptyStateProps = {
  title: ReactNode
  icon?: ReactNode
  action?: ReactNode
  children?: ReactNode
  className?: string
}

/** Why the list is empty, and how to fill it. */
export function EmptyState({ title, icon, action, children, className = "" }: EmptyStateProps) {
  return (
    <div
      className={`grid justify-items-center gap-1 rounded-xl border border-dashed border-field px-6 py-12 text-center ${className}`}
    >
      {icon && <span className="mb-2 text-muted">{icon}</span>}
      <p className="text-lg font-semibold">{title}</p>
      {children && <div className="max-w-prose text-balance text-muted">{children}</div>}
      {action && <div className="mt-4 flex flex-wrap justify-center gap-3">{action}</div>}
    </div>
  )
}
