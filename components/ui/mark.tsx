/** The ghost light: the one lamp left burning on an empty stage. */
export function Mark({ size = 24, className }: { size?: number; className?: string }) {
  return (
    <svg aria-hidden="true" viewBox="0 0 24 24" width={size} height={size} fill="none" className={className}>
      <circle cx="12" cy="6.75" r="5" className="fill-accent" />
      <path d="M8.25 13.75h7.5M12 13.75V22M6.75 22h10.5" stroke="currentColor" strokeWidth="2" strokeLinecap="round" />
    </svg>
  )
}
