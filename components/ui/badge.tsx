import type { ReactNode } from "react"

export type BadgeTone = "neutral" | "accent" | "info" | "warn" | "danger"

const tones: Record<BadgeTone, string> = {
  neutral: "border-line bg-sunken text-muted",
  accent: "border-transparent bg-accent-soft text-accent",
  info: "border-transparent bg-info-soft text-info",
  warn: "border-transparent bg-warn-soft text-warn",
  danger: "border-transparent bg-danger-soft text-danger",
}

/** A state in one or two words. The tone adds no information. */
export function Badge({
  tone = "neutral",
  icon,
  children,
}: {
  tone?: BadgeTone
  icon?: ReactNode
  children: ReactNode
}) {
  return (
    <span
      className={`inline-flex items-center gap-1 rounded-sm border px-1.5 py-px align-middle font-sans text-xs font-medium whitespace-nowrap ${tones[tone]}`}
    >
      {icon}
      {children}
    </span>
  )
}
