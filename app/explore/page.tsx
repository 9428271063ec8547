import type { Metadata } from "next"
import Link from "next/link"

import { ModelGrid } from "@/components/model-card"
import { Pager } from "@/components/pager"
import { Button, ButtonLink } from "@/components/ui/button"
import { EmptyState } from "@/components/ui/empty-state"
import { SearchIcon } from "@/components/ui/icons"
import { Notice } from "@/components/ui/notice"
import { PageHeader } from "@/components/ui/page-header"
import { param, siteOrigin } from "@/lib/doors/page"
import { listPublicModels, searchPublicModels } from "@/lib/models/model"
import { presentModel } from "@/lib/models/present"
import { Problem } from "@/lib/problem"

export const metadata: Metadata = { title: "Explore models" }

type Props = { searchParams: Promise<Record<string, string | string[] | undefined>> }

export default async function ExplorePage({ searchParams }: Props) {
  const query = await searchParams
  const words = (param(query.q) ?? "").trim().slice(0, 200)
  const cursor = param(query.cursor)
  const page = await found(words, cursor)
  const origin = await siteOrigin()

  const link = (to: string | null) => to && `/explore?${new URLSearchParams({ ...(words && { q: words }), cursor: to })}`

  return (
    <>
      <PageHeader title="Explore models" lead="Every public model on this instance, newest first." className="mb-6" />
      <search>
        <form action="/explore" className="mb-8 flex max-w-xl gap-3">
          <label htmlFor="q" className="sr-only">
            Search by name, owner or description
          </label>
          <input
            id="q"
            name="q"
            type="search"
            defaultValue={words}
            maxLength={200}
            autoComplete="off"
            placeholder="Name, owner or description"
            className="h-10.5 min-w-0 flex-1 rounded-md border border-field bg-surface px-3 text-base hover:border-text pointer-coarse:text-[1rem]"
          />
          <Button type="submit" icon={<SearchIcon size={16} />}>
            Search
          </Button>
        </form>
      </search>

      {page === null ? (
        <Notice kind="warn" title="This place in the list is not known">
          <p>
            The link may be cut off or from another instance. <Link href="/explore" className="link">Start at the newest models</Link>.
          </p>
        </Notice>
      ) : page.rows.length ? (
        <section aria-label={words ? `Models that match ${words}` : "Models"}>
          <h2 className="sr-only">{words ? "Matching models" : "Models"}</h2>
          <ModelGrid models={page.rows.map((model) => presentModel(model, origin))} />
          <Pager previous={link(page.previous)} next={link(page.next)} />
        </section>
      ) : words ? (
        <EmptyState title="No public model matches" icon={<SearchIcon size={28} />} action={<ButtonLink href="/explore">Show all models</ButtonLink>}>
          Nothing here has every word of “<span className="wrap-anywhere">{words}</span>” in its name, owner or description. Try fewer or shorter words.
        </EmptyState>
      ) : (
        <EmptyState title="No public models yet" action={<ButtonLink href="/create" variant="primary">Create a model</ButtonLink>}>
          Models that their owners make public appear here, newest first.
        </EmptyState>
      )}
    </>
  )
}

/** Null when the cursor is none of ours. */
async function found(words: string, cursor: string | undefined) {
  try {
    return await (words ? searchPublicModels(words, cursor) : listPublicModels(cursor))
  } catch (error) {
    if (error instanceof Problem && error.kind === "invalid") return null
    throw error
  }
}
