import type { Metadata } from "next"

import { ModelGrid } from "@/components/model-card"
import { OwnerHeader } from "@/components/owner-header"
import { Pager } from "@/components/pager"
import { ButtonLink } from "@/components/ui/button"
import { EmptyState } from "@/components/ui/empty-state"
import { PlusIcon } from "@/components/ui/icons"
import { currentActor } from "@/lib/auth/session"
import { addresses, orNull, param, siteOrigin } from "@/lib/doors/page"
import { listModelsOf } from "@/lib/models/model"
import { presentModel } from "@/lib/models/present"
import { may, type Ability } from "@/lib/organizations/policy"
import { getAccount } from "@/lib/owners/owner"
import { Problem } from "@/lib/problem"
import { NothingHere, nothingHere } from "../nothing-here"
import { OrganizationTabs } from "../organizations/[name]/organization-frame"

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
  const can = (ability: Ability) => may(actor, ability, owner.id)
  const member = can("see")
  const own = actor?.owner_id === owner.id
  const create = own ? "/create" : `/create?owner=${owner.username}`
  const link = (to: string | null) => to && `/${owner.username}?cursor=${to}`

  return (
    <>
      <OwnerHeader
        owner={owner}
        role={actor?.roles?.get(owner.id)}
        actions={
          can("create") && (
            <ButtonLink href={create} icon={<PlusIcon size={16} />}>
              New model
            </ButtonLink>
          )
        }
      />
      {member && !own ? <OrganizationTabs username={owner.username} can={can} current={`/${owner.username}`} /> : <div className="mb-8" />}
      <section aria-labelledby="models">
        <h2 id="models" className="mb-4">
          {own ? "Your models" : member ? "Models" : "Public models"}
        </h2>
        {page.rows.length ? (
          <>
            <ModelGrid models={page.rows.map((model) => presentModel(model, origin))} showOwner={false} />
            <Pager previous={link(page.previous)} next={link(page.next)} />
          </>
        ) : can("create") ? (
          <EmptyState title={own ? "You have no models yet" : `${owner.name} has no models yet`} action={<ButtonLink href={create} variant="primary">Create a model</ButtonLink>}>
            A model is a name, a page and a place to push to. Creating one takes a minute.
          </EmptyState>
        ) : (
          <EmptyState title="Nothing to see here yet">{owner.username} has no {member ? "" : "public "}models.</EmptyState>
        )}
      </section>
    </>
  )
}
