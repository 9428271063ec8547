export type AvatarProps = {
  name: string
  src?: string | null
  size?: number
  /** People are round, organizations are square. */
  shape?: "round" | "square"
}

/** Decoration beside a name, hidden from screen readers. */
export function Avatar({ name, src, size = 28, shape = "round" }: AvatarProps) {
  const look = `inline-flex shrink-0 items-center justify-center overflow-hidden bg-accent-soft ${shape === "round" ? "rounded-[50%]" : "rounded-sm"}`

  if (src)
    return (
      <img
        src={src}
        alt=""
        width={size}
        height={size}
        loading="lazy"
        referrerPolicy="no-referrer"
        className={`${look} aspect-square object-cover`}
      />
    )

  return (
    <span
      aria-hidden="true"
      className={`${look} font-semibold text-accent select-none forced-colors:border`}
      style={{ width: size, height: size, fontSize: Math.max(9, Math.round(size * 0.4)) }}
    >
      {initials(name)}
    </span>
  )
}

/** "ada-lovelace" and "Ada Lovelace" give AL; "alice" gives AL too. */
function initials(name: string) {
  const [first = "?", second] = name.split(/[^\p{L}\p{N}]+/u).filter(Boolean)
  const letters = second ? [...first].slice(0, 1).concat([...second].slice(0, 1)) : [...first].slice(0, 2)
  return letters.join("").toUpperCase()
}
