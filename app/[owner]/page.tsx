import type { Metadata } from "next"

import { ModelGrid } from "@/components/model-card"
import { Pager } from "@/components/pager"
import { Avatar } from "@/components/ui/avatar"
import { ButtonLink } from "@/components/ui/button"
import { EmptyState } from "@/components/ui/empty-state"
import { PlusIcon } from "@/components/ui/icons"
import { Time } from "@/components/ui/time"
import { currentActor } from "@/lib/auth/session"
import { addresses, orNull, param, siteOrigin } from "@/lib/doors/page"
import { listModelsOf } from "@/lib/models/model"
import { presentModel } from "@/lib/models/present"
import { getAccount } from "@/lib/owners/owner"
import { Problem } from "@/lib/problem"
import { NothingHere, nothingHere } from "../nothing-here"

type Props = { params: Promise<{ owner: string }>; searchParams: Promise<Record<string, string | string[] | undefined>> }

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const owner = await orNull(getAccount((await params).owner))
  if (!owner) return nothingHere
  return { title: owner.name, description: `Models by ${owner.name}`, alternates: addresses(`/${owner.username}`) }
}

export default async function ProfilePage({ params, searchParams }: Props) {
  const owner = await orNull(getAccount((await params).owner))
  if (!owner) return <NothingHere />
  const actor = await currentActor()
  const cursor = param((await searchParams).cursor)
  const page = await listModelsOf(actor, owner, cursor).catch((error) => {
    if (error instanceof Problem && error.kind === "invalid") return null
    throw error
  })
  if (!page) return <NothingHere />
  const origin = await siteOrigin()
  const own = actor?.owner_id === owner.id
  const link = (to: string | null) => to && `/${owner.username}?cursor=${to}`

  return (
    <>
      <header className="mb-8 flex flex-wrap items-center gap-4">
        <Avatar name={owner.name} src={owner.avatar_url} size={64} shape={owner.type === "organization" ? "square" : "round"} />
        <div className="min-w-0 flex-1">
          <h1 className="wrap-anywhere">{owner.name}</h1>
          <p className="text-muted">
            {owner.name !== owner.username && <span className="font-mono text-sm">{owner.username} · </span>}
            Joined <Time iso={owner.created_at} />
          </p>
        </div>
        {own && (
          <ButtonLink href="/create" icon={<PlusIcon size={16} />}>
            New model
          </ButtonLink>
        )}
      </header>
      <section aria-labelledby="models">
        <h2 id="models" className="mb-4">
          {own ? "Your models" : "Public models"}
        </h2>
        {page.rows.length ? (
          <>
            <ModelGrid models={page.rows.map((model) => presentModel(model, origin))} showOwner={false} />
            <Pager previous={link(page.previous)} next={link(page.next)} />
          </>
        ) : own ? (
          <EmptyState title="You have no models yet" action={<ButtonLink href="/create" variant="primary">Create a model</ButtonLink>}>
            A model is a name, a page and a place to push to. Creating one takes a minute.
          </EmptyState>
        ) : (
          <EmptyState title="Nothing to see here yet">{owner.username} has no public models.</EmptyState>
        )}
      </section>
    </>
  )
}
