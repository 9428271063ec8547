import type { Metadata } from "next"
import Link from "next/link"

import { LiveForm } from "@/components/live-form"
import { ModelGrid } from "@/components/model-card"
import { Pager } from "@/components/pager"
import { ButtonLink } from "@/components/ui/button"
import { EmptyState } from "@/components/ui/empty-state"
import { SearchIcon } from "@/components/ui/icons"
import { Notice } from "@/components/ui/notice"
import { PageHeader } from "@/components/ui/page-header"
import { currentActor } from "@/lib/next/session"
import { alternateLinks, nullIfUnavailable, param, currentOrigin } from "@/lib/next/page"
import { listHardware } from "@/lib/hardware/hardware"
import { exploreModels } from "@/lib/models/explore"
import { presentModelSummary } from "@/lib/models/present"
import { addressOf, filtersOf, queryFor, readFilters } from "./filters"
import { FilterFields } from "./filter-fields"
import { NothingMatches } from "./nothing-matches"
import { countInWords } from "./words"

type Props = { searchParams: Promise<Record<string, string | string[] | undefined>> }

export async function generateMetadata({ searchParams }: Props): Promise<Metadata> {
  const { q } = readFilters(await searchParams)
  return {
    title: q ? `${q} – explore models` : "Explore models",
    description: "Search and filter all public models.",
    alternates: alternateLinks("/explore"),
  }
}

export default async function ExplorePage({ searchParams }: Props) {
  const query = await searchParams
  const actor = await currentActor()
  const asked = readFilters(query)
  const account = actor && { id: actor.owner_id }
  const nobodysOwn = asked.show !== "" && !actor

  const [page, hardware, origin] = await Promise.all([
    nobodysOwn ? null : nullIfUnavailable(exploreModels(actor, filtersOf(asked, account), param(query.cursor))),
    listHardware(),
    currentOrigin(),
  ])
  const link = (cursor: string | null) => cursor && addressOf(queryFor(asked, { cursor }))
  const narrowed = queryFor({ ...asked, sort: "" }) !== ""

  return (
    <>
      <PageHeader
        title="Explore models"
        lead={
          <span>
            {actor ? "All public models, and your own." : "All public models."} Browse hand-picked{" "}
            <Link href="/collections" className="link">
              collections
            </Link>
            .
          </span>
        }
        className="mb-6"
      />
      <LiveForm
        action="/explore"
        query={queryFor(asked)}
        className="mb-5"
        results={
          <section aria-label="Models">
            <div className="mb-3 flex min-h-8 flex-wrap items-center justify-between gap-x-4 gap-y-1 text-sm text-muted">
              <p role="status" className="wrap-anywhere">
                {page && countInWords(page, asked)}
              </p>
              {narrowed && (
                <Link
                  href={addressOf(queryFor({ ...asked, q: "", show: "", hardware: "", versions: "" }))}
                  className="link inline-flex min-h-8 items-center"
                >
                  Clear search
                </Link>
              )}
            </div>
            {nobodysOwn ? (
              <EmptyState
                title="Sign in to see your own models"
                action={
                  <>
                    <ButtonLink
                      href={`/signin?next=${encodeURIComponent(addressOf(queryFor(asked)))}`}
                      variant="primary"
                    >
                      Sign in
                    </ButtonLink>
                    <ButtonLink href={addressOf(queryFor({ ...asked, show: "" }))}>Show all public models</ButtonLink>
                  </>
                }
              >
                This link shows the models of the signed-in account, and you are signed out.
              </EmptyState>
            ) : page === null ? (
              <Notice kind="warn" title="Unknown position in this list">
                <p>
                  The link may be truncated or from another instance.{" "}
                  <Link href={addressOf(queryFor(asked))} className="link">
                    Go to the first page
                  </Link>
                  .
                </p>
              </Notice>
            ) : page.rows.length ? (
              <>
                <h2 className="sr-only">{narrowed ? "Matching models" : "Models"}</h2>
                <ModelGrid models={page.rows.map((model) => presentModelSummary(model, origin))} />
                <Pager
                  previous={link(page.previous)}
                  next={link(page.next)}
                  labels={asked.sort === "" && !asked.q ? undefined : { previous: "Previous", next: "Next" }}
                />
              </>
            ) : (
              <NothingMatches actor={actor} asked={asked} hardware={hardware} beyond={page.previous !== null} />
            )}
          </section>
        }
      >
        <FilterFields asked={asked} signedIn={actor !== null} hardware={hardware} icon={<SearchIcon size={16} />} />
      </LiveForm>
    </>
  )
}
