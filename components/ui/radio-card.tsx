import type { ComponentProps, ReactNode } from "react"

export type RadioCardProps = Omit<ComponentProps<"input">, "type" | "title"> & {
  title: ReactNode
  /** Beside the title, such as a Badge. */
  mark?: ReactNode
  /** What choosing it means. */
  children?: ReactNode
}

/** A native radio whose whole card is the target. */
export function RadioCard({ title, mark, children, className = "", ...rest }: RadioCardProps) {
  return (
    <label
      className={`flex gap-3 rounded-lg border border-line bg-surface p-4 transition-colors hover:border-field has-checked:border-accent has-checked:bg-accent-soft has-checked:inset-ring has-checked:inset-ring-accent has-focus-visible:outline-2 has-focus-visible:outline-offset-2 has-focus-visible:outline-accent has-disabled:border-line has-disabled:bg-sunken has-disabled:text-muted ${className}`}
    >
      <input type="radio" className="mt-0.5 focus-visible:outline-none" {...rest} />
      <span className="min-w-0 flex-1">
        <span className="flex flex-wrap items-center gap-x-2 font-semibold">
          {title}
          {mark}
        </span>
        {children && <span className="mt-0.5 block text-sm text-muted">{children}</span>}
      </span>
    </label>
  )
}
