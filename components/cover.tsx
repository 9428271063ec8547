export type CoverProps = {
  src: string
  alt: string
  /** Load eagerly, for covers at the top of a page. */
  eager?: boolean
  className?: string
}

/** A model's cover. Its space is reserved, and stays if the image fails to load. */
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
