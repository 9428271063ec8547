import type { Metadata } from "next"
import Link from "next/link"

import { ModelGrid } from "@/components/model-card"
import { ButtonLink } from "@/components/ui/button"
import { CodeBlock } from "@/components/ui/code-block"
import { EmptyState } from "@/components/ui/empty-state"
import { PlusIcon } from "@/components/ui/icons"
import type { Actor } from "@/lib/auth/actor"
import { currentActor } from "@/lib/next/session"
import { alternateLinks, currentOrigin } from "@/lib/next/page"
import { listNewestOwn } from "@/lib/models/explore"
import { listPublicModels } from "@/lib/models/model"
import { presentModelSummary } from "@/lib/models/present"
import { createSnippets } from "@/lib/models/snippets"
import { instanceIsNew } from "@/lib/owners/owner"
import { Dashboard } from "./dashboard"

export const metadata: Metadata = { alternates: alternateLinks("/") }

/** The home page: begins with the viewer's models, or with an introduction for signed-out visitors. */
export default async function HomePage() {
  const origin = await currentOrigin()
  const actor = await currentActor()
  const { rows, next } = await listPublicModels(undefined, 12)

  return (
    <>
      {actor ? <OwnModels actor={actor} origin={origin} /> : <Introduction origin={origin} />}
      {actor && <Dashboard actor={actor} />}
      <section aria-labelledby="newest" className="mt-14">
        <div className="mb-4 flex items-baseline justify-between gap-4">
          <h2 id="newest">Newest public models</h2>
          {next && (
            <Link href="/explore" className="link">
              All models
            </Link>
          )}
        </div>
        {rows.length ? (
          <ModelGrid models={rows.map((model) => presentModelSummary(model, origin))} />
        ) : (
          <EmptyState title="No public models yet">Public models appear here, newest first.</EmptyState>
        )}
      </section>
    </>
  )
}

const shownOwn = 6

/** The newest models of the viewer and their organizations, private ones included. */
async function OwnModels({ actor, origin }: { actor: Actor; origin: string }) {
  const newest = await listNewestOwn(actor, shownOwn + 1)
  const own = newest.slice(0, shownOwn)
  return (
    <section aria-labelledby="own">
      <div className="mb-5 flex flex-wrap items-center justify-between gap-x-6 gap-y-3">
        <h1 id="own">Your models</h1>
        {own.length > 0 && (
          <ButtonLink href="/create" variant="primary" icon={<PlusIcon size={16} />}>
            New model
          </ButtonLink>
        )}
      </div>
      {own.length > 0 ? (
        <>
          <h2 className="sr-only">Newest</h2>
          <ModelGrid models={own.map((model) => presentModelSummary(model, origin))} />
        </>
      ) : (
        <EmptyState
          title="You have no models yet"
          action={
            <ButtonLink href="/create" variant="primary" icon={<PlusIcon size={16} />}>
              New model
            </ButtonLink>
          }
        >
          Choose a name and hardware, then push your code. You get a page, an HTTP API and a registry address.
        </EmptyState>
      )}
      {newest.length > shownOwn && (
        <p className="mt-4">
          <Link href={`/${actor.username}`} className="link">
            All your models
          </Link>
        </p>
      )}
    </section>
  )
}

async function Introduction({ origin }: { origin: string }) {
  const [curl] = createSnippets(origin, {
    owner: "alice",
    name: "hotdog-detector",
    visibility: "private",
    hardware: "gpu-t4",
  })
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] items-center gap-10 lg:grid-cols-[minmax(0,1fr)_minmax(0,27rem)] lg:gap-16">
      <div>
        <h1 className="max-w-xl">Your models on your own machines, with Replicate’s API</h1>
        <p className="mt-4 max-w-xl text-lg text-muted">
          Choose a name, visibility and hardware. You get a page, an HTTP API and a registry address to push to.
        </p>
        <div className="mt-6 flex flex-wrap gap-3">
          {(await instanceIsNew()) ? (
            <ButtonLink href="/signup" variant="primary">
              Create the first account
            </ButtonLink>
          ) : (
            <ButtonLink href="/create" variant="primary" icon={<PlusIcon size={16} />}>
              Create a model
            </ButtonLink>
          )}
          <ButtonLink href="/explore">Explore models</ButtonLink>
        </div>
      </div>
      <CodeBlock title="Create a model with the API" code={curl!.code} />
    </div>
  )
}
