export type CoverProps = {
  src: string
  alt: string
  /** Shown at once, because it stands at the top of its page. */
  eager?: boolean
  className?: string
}

/** A model's picture. The space is there before the picture is, and stays when it does not come. */
export function Cover({ src, alt, eager, className = "" }: CoverProps) {
  return (
    <span className={`block aspect-video overflow-hidden rounded-lg border border-line bg-sunken ${className}`}>
      <img
        src={src}
        alt={alt}
        width={640}
        height={360}
        loading={eager ? "eager" : "lazy"}
        decoding="async"
        referrerPolicy="no-referrer"
        className="size-full object-cover text-xs text-muted"
      />
    </span>
  )
}
