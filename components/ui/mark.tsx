/** The logo: a ghost light, the one lamp left burning on an empty stage. */
export function Mark({ size = 24, className }: { size?: number; className?: string }) {
  return (
    <svg aria-hidden="true" viewBox="0 0 24 24" width={size} height={size} fill="none" className={className}>
      <circle cx="12" cy="7.25" r="7.25" className="fill-accent-soft" />
      <circle cx="12" cy="7.25" r="4.5" className="fill-accent" />
      <path d="M9.75 13h4.5M12 13v9.25M7 22.25h10" stroke="currentColor" strokeWidth="1.75" strokeLinecap="round" />
    </svg>
  )
}
