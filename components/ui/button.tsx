import Link from "next/link"
import type { ComponentProps, MouseEvent, ReactNode } from "react"

export type ButtonVariant = "primary" | "secondary" | "quiet" | "danger"
type ButtonSize = "sm" | "md"

type Look = { variant?: ButtonVariant; size?: ButtonSize; icon?: ReactNode; wide?: boolean }

const base =
  "inline-flex items-center justify-center gap-2 rounded-md border text-center font-semibold whitespace-nowrap no-underline transition-colors " +
  "disabled:cursor-not-allowed disabled:border-line disabled:bg-sunken disabled:text-muted"

const variants: Record<ButtonVariant, string> = {
  primary: "border-accent bg-accent text-on-accent hover:border-accent-strong hover:bg-accent-strong",
  secondary: "border-field bg-surface text-text hover:bg-hover",
  quiet: "border-transparent text-text hover:bg-hover",
  danger: "border-danger bg-danger text-on-danger hover:border-danger-strong hover:bg-danger-strong",
}

const sizes: Record<ButtonSize, string> = {
  sm: "min-h-8.5 px-3 py-1 text-sm",
  md: "min-h-10.5 px-4 py-2 text-base",
}

const look = ({ variant = "secondary", size = "md", wide }: Look, className = "") =>
  `${base} ${variants[variant]} ${sizes[size]} ${wide ? "w-full" : ""} ${className}`

export type ButtonProps = ComponentProps<"button"> & Look & { pending?: boolean; pendingLabel?: string }

/** While pending, the button shows a spinner, keeps its focus and width, and blocks another submit. */
export function Button({
  variant,
  size,
  icon,
  wide,
  pending = false,
  pendingLabel,
  type = "button",
  className,
  onClick,
  children,
  ...rest
}: ButtonProps) {
  return (
    <>
      <button
        type={type}
        className={look({ variant, size, wide }, `${pending ? "cursor-progress" : ""} ${className ?? ""}`)}
        aria-disabled={pending || undefined}
        onClick={pending ? refuse : onClick}
        {...rest}
      >
        {pendingLabel === undefined ? (
          <>
            {pending ? <Spinner /> : icon}
            <Words>{children}</Words>
          </>
        ) : (
          <span className="grid">
            <span
              className={`col-start-1 row-start-1 inline-flex items-center justify-center gap-2 ${pending ? "invisible" : ""}`}
            >
              {icon}
              <Words>{children}</Words>
            </span>
            <span
              className={`col-start-1 row-start-1 inline-flex items-center justify-center gap-2 ${pending ? "" : "invisible"}`}
            >
              <Spinner still={!pending} />
              <Words>{pendingLabel}</Words>
            </span>
          </span>
        )}
      </button>
      {pendingLabel !== undefined && (
        <span role="status" className="sr-only">
          {pending ? pendingLabel : ""}
        </span>
      )}
    </>
  )
}

/**
 * Wraps text in an element, so that React can insert and remove siblings even if a browser's translation tool has moved
 * the text.
 */
const Words = ({ children }: { children: ReactNode }) => <span className="contents">{children}</span>

/** A link that looks like a button. */
export function ButtonLink({
  variant,
  size,
  icon,
  wide,
  className,
  children,
  ...rest
}: ComponentProps<typeof Link> & Look) {
  return (
    <Link className={look({ variant, size, wide }, className)} {...rest}>
      {icon}
      <Words>{children}</Words>
    </Link>
  )
}

// Pressing Enter in a field clicks the submit button, so this blocks it as well.
function refuse(event: MouseEvent) {
  event.preventDefault()
}

function Spinner({ still }: { still?: boolean }) {
  return (
    <svg
      aria-hidden="true"
      viewBox="0 0 16 16"
      width="16"
      height="16"
      fill="none"
      strokeWidth="2"
      className={`shrink-0 ${still ? "" : "motion-safe:animate-spin"}`}
    >
      <circle cx="8" cy="8" r="6" stroke="currentColor" opacity="0.3" />
      <path d="M8 2a6 6 0 0 1 6 6" stroke="currentColor" strokeLinecap="round" />
    </svg>
  )
}
