import type { Metadata } from "next"
import Link from "next/link"
import type { ReactNode } from "react"

import { Button, ButtonLink } from "@/components/ui/button"
import { Disclosure } from "@/components/ui/disclosure"
import { EmptyState } from "@/components/ui/empty-state"
import { ArrowDownIcon, ArrowUpIcon, TrashIcon } from "@/components/ui/icons"
import { Notice } from "@/components/ui/notice"
import { PageHeader } from "@/components/ui/page-header"
import { currentActor } from "@/lib/next/session"
import { getCollection, mayCurate } from "@/lib/collections/collection"
import { nullIfUnavailable, param } from "@/lib/next/page"
import { revisionOf } from "@/lib/revision"
import { NothingHere, nothingHere } from "../../../nothing-here"
import { arrangeAction, deleteCollectionAction, updateCollectionAction } from "../../actions"
import { CollectionForm } from "../../collection-form"
import { collectionValues } from "../../values"
import { AddModelForm } from "./add-model-form"

type Props = { params: Promise<{ slug: string }>; searchParams: Promise<Record<string, string | string[] | undefined>> }

const found = async (slug: string) => (mayCurate(await currentActor()) ? nullIfUnavailable(getCollection(slug)) : null)

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const collection = await found((await params).slug)
  return collection ? { title: `Edit ${collection.name}`, robots: { index: false } } : nothingHere
}

export default async function EditCollectionPage({ params, searchParams }: Props) {
  const collection = await found((await params).slug)
  if (!collection) return <NothingHere />
  const query = await searchParams
  const { slug, name, models } = collection

  return (
    <div className="max-w-3xl">
      <PageHeader
        above={
          <Link href="/collections" className="link">
            Collections
          </Link>
        }
        title={`Edit ${name}`}
        className="mb-8"
        actions={<ButtonLink href={`/collections/${slug}`}>View collection</ButtonLink>}
      />
      <Outcome query={query} />

      <section aria-labelledby="models">
        <h2 id="models" className="mb-4 scroll-mt-6">
          Models
        </h2>
        <AddModelForm key={models.length} slug={slug} />
        {models.length ? (
          <ol className="mt-5 divide-y divide-line rounded-lg border border-line bg-surface">
            {models.map((model, at) => {
              const full = `${model.owner}/${model.name}`
              return (
                <li key={full} className="flex flex-wrap items-center gap-x-4 gap-y-2 px-4 py-2.5">
                  <span className="min-w-0 flex-1 basis-48">
                    <Link href={`/${full}`} className="rounded-sm font-mono text-sm wrap-anywhere hover:underline">
                      {full}
                    </Link>
                    {model.description && <span className="line-clamp-1 text-sm text-muted">{model.description}</span>}
                  </span>
                  <form action={arrangeAction} className="flex gap-1.5">
                    <input type="hidden" name="slug" value={slug} />
                    <input type="hidden" name="owner" value={model.owner} />
                    <input type="hidden" name="name" value={model.name} />
                    <Arrange to="up" label={`Move ${full} up`} disabled={at === 0}>
                      <ArrowUpIcon size={16} />
                    </Arrange>
                    <Arrange to="down" label={`Move ${full} down`} disabled={at === models.length - 1}>
                      <ArrowDownIcon size={16} />
                    </Arrange>
                    <Arrange to="out" label={`Remove ${full}`}>
                      <TrashIcon size={16} />
                    </Arrange>
                  </form>
                </li>
              )
            })}
          </ol>
        ) : (
          <EmptyState title="No models yet" className="mt-5">
            Add the first model above. Only public models can be added; a model that becomes private is hidden.
          </EmptyState>
        )}
      </section>

      <section aria-labelledby="about" className="mt-12 max-w-2xl">
        <h2 id="about" className="mb-4">
          Name and description
        </h2>
        <CollectionForm
          key={collection.updated_at}
          action={updateCollectionAction}
          was={slug}
          values={collectionValues(collection)}
          revision={revisionOf(collectionValues(collection))}
          submit="Save"
          pendingLabel="Saving…"
        />
      </section>

      <section aria-labelledby="delete" className="mt-12 border-t border-line pt-6">
        <h2 id="delete" className="sr-only">
          Delete
        </h2>
        <Disclosure summary="Delete this collection">
          <p className="mb-4 max-w-xl text-muted">Deletes the page and its address. The models stay as they are.</p>
          <form action={deleteCollectionAction}>
            <input type="hidden" name="slug" value={slug} />
            <Button type="submit" variant="danger" icon={<TrashIcon size={16} />}>
              Delete {name}
            </Button>
          </form>
        </Disclosure>
      </section>
    </div>
  )
}

function Arrange({
  to,
  label,
  disabled,
  children,
}: {
  to: string
  label: string
  disabled?: boolean
  children: ReactNode
}) {
  return (
    <Button
      type="submit"
      size="sm"
      name="to"
      value={to}
      aria-label={label}
      title={label}
      disabled={disabled}
      className="min-w-9 px-0!"
    >
      {children}
    </Button>
  )
}

function Outcome({ query }: { query: Record<string, string | string[] | undefined> }) {
  // Only a valid model name is repeated, so that a link cannot put other text on this page.
  const model = (name: string) => /^[\w.-]+\/[\w.-]+$/.exec(param(query[name]) ?? "")?.[0]
  const message =
    (param(query.created) && "Collection created. Add models next.") ||
    (param(query.saved) && "Saved.") ||
    (model("added") && `Added ${model("added")}.`) ||
    (model("moved") && `Moved ${model("moved")}.`) ||
    (model("removed") && `Removed ${model("removed")}.`)
  if (param(query.gone))
    return (
      <Notice kind="warn" role="status" className="mb-6">
        The model or the collection no longer exists.
      </Notice>
    )
  return message ? (
    <Notice kind="success" role="status" className="mb-6">
      <span className="wrap-anywhere">{message}</span>
    </Notice>
  ) : null
}
