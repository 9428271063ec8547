import type { ReactNode } from "react"
import { AlertIcon, CheckCircleIcon, ErrorIcon, InfoIcon } from "./icons"

type NoticeKind = "info" | "success" | "warn" | "danger"

const kinds = {
  info: { Icon: InfoIcon, label: "Note", look: "border-info/35 bg-info-soft", tone: "text-info" },
  success: { Icon: CheckCircleIcon, label: "Done", look: "border-accent/35 bg-accent-soft", tone: "text-accent" },
  warn: { Icon: AlertIcon, label: "Warning", look: "border-warn/35 bg-warn-soft", tone: "text-warn" },
  danger: { Icon: ErrorIcon, label: "Problem", look: "border-danger/35 bg-danger-soft", tone: "text-danger" },
}

export type NoticeProps = {
  kind?: NoticeKind
  title?: ReactNode
  children?: ReactNode
  /** "status" or "alert" when the notice appears after the page has loaded. */
  role?: "status" | "alert"
  className?: string
}

export function Notice({ kind = "info", title, children, role, className = "" }: NoticeProps) {
  const { Icon, label, look, tone } = kinds[kind]
  return (
    <div role={role} className={`flex gap-3 rounded-lg border px-4 py-3 ${look} ${className}`}>
      <Icon size={20} className={`mt-px ${tone}`} />
      <div className="min-w-0 flex-1">
        <span className="sr-only">{label}: </span>
        {title && <p className="font-semibold">{title}</p>}
        {children && <div className="space-y-2">{children}</div>}
      </div>
    </div>
  )
}
