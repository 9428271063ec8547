import { ButtonLink } from "./ui/button"
import { ArrowLeftIcon, ArrowRightIcon } from "./ui/icons"

type Props = { previous: string | null; next: string | null; labels?: { previous: string; next: string } }

const byAge = { previous: "Newer", next: "Older" }

/** Links to the previous and next page of a list; nothing if there are none. */
export function Pager({ previous, next, labels = byAge }: Props) {
  if (!previous && !next) return null
  return (
    <nav aria-label="Pages" className="mt-8 flex justify-between gap-3">
      {previous ? (
        <ButtonLink href={previous} icon={<ArrowLeftIcon size={16} />} rel="prev">
          {labels.previous}
        </ButtonLink>
      ) : (
        <span />
      )}
      {next && (
        <ButtonLink href={next} rel="next">
          {labels.next}
          <ArrowRightIcon size={16} />
        </ButtonLink>
      )}
    </nav>
  )
}
