import { type ComponentProps, type ReactNode, useId } from "react"

export type RadioCardProps = Omit<ComponentProps<"input">, "type" | "title"> & {
  title: ReactNode
  /** Beside the title, such as a Badge. */
  mark?: ReactNode
  /** What the choice means. */
  children?: ReactNode
}

/** A native radio; the whole card is clickable. Its name is the title, its description the rest. */
export function RadioCard({ title, mark, children, className = "", ...rest }: RadioCardProps) {
  const id = useId()
  return (
    <label
      className={`flex gap-3 rounded-lg border border-line bg-surface p-4 transition-colors hover:border-field has-checked:border-accent has-checked:bg-accent-soft has-checked:inset-ring has-checked:inset-ring-accent has-focus-visible:outline-2 has-focus-visible:outline-offset-2 has-focus-visible:outline-accent has-disabled:border-line has-disabled:bg-sunken has-disabled:text-muted ${className}`}
    >
      <input
        type="radio"
        aria-labelledby={`${id}-title`}
        aria-describedby={children ? `${id}-meaning` : undefined}
        className="mt-0.5 focus-visible:outline-none"
        {...rest}
      />
      <span className="min-w-0 flex-1">
        <span className="flex flex-wrap items-center gap-x-2 font-semibold">
          <span id={`${id}-title`}>{title}</span>
          {mark}
        </span>
        {children && (
          <span id={`${id}-meaning`} className="mt-0.5 block text-sm text-muted">
            {children}
          </span>
        )}
      </span>
    </label>
  )
}
