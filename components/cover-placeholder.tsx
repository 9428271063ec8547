const [width, height, hem] = [320, 180, 152]

/** A placeholder for models without a cover in lists that show covers: vertical stripes derived from `of`. */
export function CoverPlaceholder({ of, className = "" }: { of: string; className?: string }) {
  const all = stripes(of)
  return (
    <span
      aria-hidden="true"
      className={`block aspect-video overflow-hidden rounded-lg border border-line bg-sunken ${className}`}
    >
      <svg
        viewBox={`0 0 ${width} ${height}`}
        preserveAspectRatio="none"
        className="size-full fill-accent forced-colors:fill-[Canvas] forced-colors:stroke-[GrayText]"
      >
        <path d={drawn(all)} className="fill-accent-soft forced-colors:fill-[Canvas]" />
        <path d={drawn(all.filter((_, at) => at % 2))} className="opacity-7 forced-colors:opacity-100" />
      </svg>
    </span>
  )
}

type Stripe = { from: number; wide: number }

/** The stripes of a name; the same name always has the same stripes. */
function stripes(name: string): Stripe[] {
  let hash = [...name].reduce((sum, letter) => Math.imul(sum ^ letter.codePointAt(0)!, 16_777_619), 2_166_136_261)
  const found: Stripe[] = []
  for (let from = 0; from < width; from += found.at(-1)!.wide) {
    hash = Math.imul(hash ^ (hash >>> 15), 2_246_822_519)
    found.push({ from, wide: Math.min(14 + ((hash >>> 24) % 30), width - from) })
  }
  return found
}

const drawn = (stripes: Stripe[]) =>
  stripes.map(({ from, wide }) => `M${from} 0h${wide}v${hem}q${-wide / 2} 14 ${-wide} 0z`).join("")
