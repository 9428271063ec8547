import Link from "next/link"

import { LiveForm } from "@/components/live-form"
import { ModelGrid } from "@/components/model-card"
import { Pager } from "@/components/pager"
import { Button, ButtonLink } from "@/components/ui/button"
import { EmptyState } from "@/components/ui/empty-state"
import { SearchIcon } from "@/components/ui/icons"
import type { Explored } from "@/lib/models/explore"
import { presentModelSummary } from "@/lib/models/present"
import { countInWords } from "../explore/words"

type Props = {
  owner: { username: string; name: string }
  /** Models the viewer may see, before filtering. */
  count: number
  page: Explored
  words: string
  origin: string
  own: boolean
  /** The create page for this account; null if the viewer may not create models for it. */
  create: string | null
  member: boolean
}

/** An account's models, with a filter if there are many. */
export function OwnedModels({ owner: { username, name }, count, page, words, origin, own, create, member }: Props) {
  const address = (query: Record<string, string>) =>
    `/${username}${Object.keys(query).length ? `?${new URLSearchParams(query)}` : ""}`
  const link = (cursor: string | null) => cursor && address({ ...(words && { q: words }), cursor })

  if (count === 0)
    return create ? (
      <EmptyState
        title={own ? "You have no models yet" : `${name} has no models yet`}
        action={
          <ButtonLink href={create} variant="primary">
            Create a model
          </ButtonLink>
        }
      >
        A model has a name, a page and a registry address to push to. Creating one takes a minute.
      </EmptyState>
    ) : (
      <EmptyState title="Nothing here yet" action={<ButtonLink href="/explore">Explore models</ButtonLink>}>
        {member ? `${username} has no models.` : `${username} has no public models.`}
      </EmptyState>
    )

  const models = page.rows.length ? (
    <>
      <ModelGrid models={page.rows.map((model) => presentModelSummary(model, origin))} showOwner={false} />
      <Pager
        previous={link(page.previous)}
        next={link(page.next)}
        labels={words ? { previous: "Previous", next: "Next" } : undefined}
      />
    </>
  ) : words ? (
    <EmptyState
      title="Nothing matches"
      icon={<SearchIcon size={28} />}
      action={<ButtonLink href={address({})}>Show all {count === 1 ? "of them" : count}</ButtonLink>}
    >
      No model matches every word of “<span className="wrap-anywhere">{words}</span>” in its name or description.
    </EmptyState>
  ) : (
    <EmptyState title="This page is empty" action={<ButtonLink href={address({})}>Go to the first page</ButtonLink>}>
      Its models have moved to another page or were deleted.
    </EmptyState>
  )
  if (count < filterFrom && !words) return models

  return (
    <LiveForm
      action={`/${username}`}
      query={words ? new URLSearchParams({ q: words }).toString() : ""}
      className="mb-3 flex max-w-md gap-3"
      results={
        <>
          <p className="mb-3 flex min-h-8 flex-wrap items-center justify-between gap-x-4 text-sm text-muted">
            <span role="status" className="wrap-anywhere">
              {countInWords(page, { q: words })}
            </span>
            {words && (
              <Link href={address({})} className="link inline-flex min-h-8 items-center">
                Clear filter
              </Link>
            )}
          </p>
          {models}
        </>
      }
    >
      <label htmlFor="q" className="sr-only">
        Filter by name or description
      </label>
      <input
        id="q"
        name="q"
        type="search"
        defaultValue={words}
        maxLength={200}
        autoComplete="off"
        placeholder="Filter by name or description"
        className="h-10.5 min-w-0 flex-1 rounded-md border border-field bg-surface px-3 text-base hover:border-text pointer-coarse:text-[1rem]"
      />
      <span className="hidden noscript:block">
        <Button type="submit">Filter</Button>
      </span>
    </LiveForm>
  )
}

const filterFrom = 7
