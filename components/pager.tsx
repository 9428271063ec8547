import { ButtonLink } from "./ui/button"
import { ArrowLeftIcon, ArrowRightIcon } from "./ui/icons"

/** The neighbours of a page of a list; nothing when it has none. */
export function Pager({ previous, next }: { previous: string | null; next: string | null }) {
  if (!previous && !next) return null
  return (
    <nav aria-label="Pages" className="mt-8 flex justify-between gap-3">
      {previous ? (
        <ButtonLink href={previous} icon={<ArrowLeftIcon size={16} />} rel="prev">
          Newer
        </ButtonLink>
      ) : (
        <span />
      )}
      {next && (
        <ButtonLink href={next} rel="next">
          Older
          <ArrowRightIcon size={16} />
        </ButtonLink>
      )}
    </nav>
  )
}
