import type { ComponentProps } from "react"

/** A dense table that scrolls sideways. Numeric cells take `className="num"`. */
export function Table({ label, className = "", children, ...rest }: ComponentProps<"table"> & { label: string }) {
  return (
    <div
      role="region"
      aria-label={label}
      tabIndex={0}
      className="relative overflow-x-auto rounded-lg border border-line bg-surface"
    >
      <table
        className={`w-full border-collapse text-left [&_.num]:text-right [&_.num]:whitespace-nowrap [&_.num]:tabular-nums [&_td]:px-4 [&_td]:py-2.5 [&_th]:px-4 [&_th]:py-2.5 [&_tbody_th]:font-medium [&_thead_th]:text-sm [&_thead_th]:font-medium [&_thead_th]:text-muted [&_tbody_tr]:border-t [&_tbody_tr]:border-line ${className}`}
        {...rest}
      >
        {children}
      </table>
    </div>
  )
}
