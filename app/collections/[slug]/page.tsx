import type { Metadata } from "next"
import Link from "next/link"

import { Markdown } from "@/components/markdown"
import { ModelGrid } from "@/components/model-card"
import { ButtonLink } from "@/components/ui/button"
import { EmptyState } from "@/components/ui/empty-state"
import { SettingsIcon } from "@/components/ui/icons"
import { PageHeader } from "@/components/ui/page-header"
import { withImagePaths } from "@/lib/pictures/address"
import { currentActor } from "@/lib/next/session"
import { getCollection, mayCurate } from "@/lib/collections/collection"
import { alternateLinks, nullIfUnavailable, currentOrigin } from "@/lib/next/page"
import { presentModelSummary } from "@/lib/models/present"
import { NothingHere, nothingHere } from "../../nothing-here"

type Props = { params: Promise<{ slug: string }> }

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const collection = await nullIfUnavailable(getCollection((await params).slug))
  if (!collection) return nothingHere
  const { slug, name, description } = collection
  return {
    title: name,
    description: description || `Models in the collection ${name}`,
    alternates: alternateLinks(`/collections/${slug}`),
  }
}

export default async function CollectionPage({ params }: Props) {
  const collection = await nullIfUnavailable(getCollection((await params).slug))
  if (!collection) return <NothingHere />
  const { slug, name, description, full_description_html, models } = collection
  const curator = mayCurate(await currentActor())
  const origin = await currentOrigin()

  return (
    <>
      <PageHeader
        above={
          <Link href="/collections" className="link">
            Collections
          </Link>
        }
        title={name}
        lead={description || undefined}
        className="mb-8"
        actions={
          curator && (
            <ButtonLink href={`/collections/${slug}/edit`} icon={<SettingsIcon size={16} />}>
              Edit
            </ButtonLink>
          )
        }
      />
      <section aria-labelledby="models">
        <h2 id="models" className="mb-4">
          {models.length === 1 ? "1 model" : `${models.length} models`}
        </h2>
        {models.length ? (
          <ModelGrid models={models.map((model) => presentModelSummary(model, origin))} />
        ) : (
          <EmptyState
            title="No models yet"
            action={
              curator ? (
                <ButtonLink href={`/collections/${slug}/edit#models`}>Add models</ButtonLink>
              ) : (
                <ButtonLink href="/explore">Explore models</ButtonLink>
              )
            }
          >
            Public models appear here once an administrator adds them.
          </EmptyState>
        )}
      </section>
      {full_description_html && (
        <section aria-labelledby="about" className="mt-12 max-w-2xl">
          <h2 id="about" className="mb-3">
            About this collection
          </h2>
          <Markdown html={withImagePaths(full_description_html)} />
        </section>
      )}
    </>
  )
}
