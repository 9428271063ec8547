import Link from "next/link"

import { ButtonLink } from "@/components/ui/button"
import { EmptyState } from "@/components/ui/empty-state"
import { SearchIcon } from "@/components/ui/icons"
import type { Actor } from "@/lib/auth/actor"
import { exploreModels } from "@/lib/models/explore"
import { addressOf, type Asked, filtersOf, queryFor } from "./filters"
import { models } from "./words"

type Props = { actor: Actor | null; asked: Asked; hardware: { sku: string; name: string }[]; beyond: boolean }

/** Why the list is empty: which filters to remove, and how many models each would show. */
export async function NothingMatches({ actor, asked, hardware, beyond }: Props) {
  if (beyond)
    return (
      <EmptyState
        title="This page is empty"
        action={<ButtonLink href={addressOf(queryFor(asked))}>Go to the first page</ButtonLink>}
      >
        Its models have moved to another page or were deleted.
      </EmptyState>
    )

  const filters = activeFilters(asked, hardware)
  const create = (
    <ButtonLink href="/create" variant="primary">
      Create a model
    </ButtonLink>
  )
  if (filters.length === 0)
    return (
      <EmptyState title="No public models yet" action={create}>
        Public models appear here.
      </EmptyState>
    )
  if (filters.length === 1 && asked.show === "mine")
    return (
      <EmptyState
        title="You have no models yet"
        action={
          <>
            {create}
            <ButtonLink href="/explore">Show all</ButtonLink>
          </>
        }
      >
        A model has a name, a page and a registry address to push to. Creating one takes a minute.
      </EmptyState>
    )

  const ways = await Promise.all(
    filters.map(async ({ label, without }) => {
      const left = { ...asked, ...without }
      const { rows, next, total } = await exploreModels(actor, filtersOf(left, actor && { id: actor.owner_id }))
      const shows = total ?? rows.length
      return { label, shows, more: total === null && next !== null, href: addressOf(queryFor(left)) }
    }),
  )
  const helpful = ways.filter(({ shows }) => shows > 0)

  return (
    <EmptyState
      title="Nothing matches"
      icon={<SearchIcon size={28} />}
      action={<ButtonLink href="/explore">Show all models</ButtonLink>}
    >
      {asked.q && (
        <p>
          Every word of “<span className="wrap-anywhere">{asked.q}</span>” must be in the model&rsquo;s name, owner or
          description.
        </p>
      )}
      {helpful.length ? (
        <ul className="mt-3 grid gap-1">
          {helpful.map(({ label, shows, more, href }) => (
            <li key={href}>
              <Link href={href} className="link inline-flex min-h-8 items-center wrap-anywhere">
                Remove {label}
              </Link>{" "}
              to see {more ? `more than ${models(shows)}` : models(shows)}
            </li>
          ))}
        </ul>
      ) : (
        filters.length > 1 && <p className="mt-2">No single filter is the cause: remove several, or all.</p>
      )}
      {filters.length === 1 && !helpful.length && <p className="mt-2">Removing it does not help either.</p>}
    </EmptyState>
  )
}

type Filter = { label: string; without: Partial<Asked> }

function activeFilters(asked: Asked, hardware: { sku: string; name: string }[]): Filter[] {
  const ownOnly = { mine: "only mine", "mine-public": "only my public ones", "mine-private": "only my private ones" }
  const filters: (Filter | false)[] = [
    asked.q !== "" && { label: `“${asked.q.length > 40 ? `${asked.q.slice(0, 40)}…` : asked.q}”`, without: { q: "" } },
    asked.show !== "" && { label: ownOnly[asked.show], without: { show: "" } },
    asked.hardware !== "" && {
      label: hardware.find(({ sku }) => sku === asked.hardware)?.name ?? `hardware “${asked.hardware}”`,
      without: { hardware: "" },
    },
    asked.versions !== "" && { label: "“has versions”", without: { versions: "" } },
  ]
  return filters.filter((filter) => filter !== false)
}
