import type { Metadata } from "next"

import { CollectionCard } from "@/components/collection-card"
import { Pager } from "@/components/pager"
import { ButtonLink } from "@/components/ui/button"
import { EmptyState } from "@/components/ui/empty-state"
import { PlusIcon } from "@/components/ui/icons"
import { Notice } from "@/components/ui/notice"
import { PageHeader } from "@/components/ui/page-header"
import { currentActor } from "@/lib/next/session"
import { listCollectionsWithCounts, mayCurate } from "@/lib/collections/collection"
import { alternateLinks, nullIfUnavailable, param } from "@/lib/next/page"

export const metadata: Metadata = {
  title: "Collections",
  description: "Hand-picked groups of models.",
  alternates: alternateLinks("/collections"),
}

type Props = { searchParams: Promise<Record<string, string | string[] | undefined>> }

const labels = { previous: "Previous", next: "Next" }

export default async function CollectionsPage({ searchParams }: Props) {
  const query = await searchParams
  const page = await nullIfUnavailable(listCollectionsWithCounts(param(query.cursor), 24))
  const curator = mayCurate(await currentActor())
  const link = (to: string | null) => to && `/collections?cursor=${to}`

  return (
    <>
      <PageHeader
        title="Collections"
        lead="Hand-picked groups of models."
        className="mb-8"
        actions={
          curator && (
            <ButtonLink href="/collections/new" icon={<PlusIcon size={16} />}>
              New collection
            </ButtonLink>
          )
        }
      />
      {param(query.deleted) && curator && (
        <Notice kind="success" role="status" className="mb-6">
          Collection deleted. Its models stay.
        </Notice>
      )}
      {page === null ? (
        <Notice kind="warn" title="Unknown position in this list">
          <p>
            <a href="/collections">Go to the first page</a>.
          </p>
        </Notice>
      ) : page.rows.length ? (
        <>
          <ul className="grid gap-3 sm:grid-cols-2 lg:grid-cols-3">
            {page.rows.map((collection) => (
              <CollectionCard key={collection.slug} collection={collection} />
            ))}
          </ul>
          <Pager previous={link(page.previous)} next={link(page.next)} labels={labels} />
        </>
      ) : (
        <EmptyState
          title="No collections yet"
          action={
            curator ? (
              <ButtonLink href="/collections/new" variant="primary">
                New collection
              </ButtonLink>
            ) : (
              <ButtonLink href="/explore">Explore models</ButtonLink>
            )
          }
        >
          {curator ? "Group models for a task, a team or a beginner." : "An administrator can create one."}
        </EmptyState>
      )}
    </>
  )
}
