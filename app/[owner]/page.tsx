import type { Metadata } from "next"
import Link from "next/link"

import { AccountHeader } from "@/components/account-header"
import { ButtonLink } from "@/components/ui/button"
import { PlusIcon } from "@/components/ui/icons"
import { Notice } from "@/components/ui/notice"
import { imagePathOrNull } from "@/lib/pictures/address"
import { currentActor } from "@/lib/next/session"
import { alternateLinks, nullIfUnavailable, param, currentOrigin } from "@/lib/next/page"
import { countModels, exploreModels } from "@/lib/models/explore"
import { listTransfersTo } from "@/lib/transfers/transfer"
import { may, type Ability } from "@/lib/access/policy"
import { getAccount } from "@/lib/owners/owner"
import { NothingHere, nothingHere } from "../nothing-here"
import { OrganizationTabs } from "../organizations/[name]/organization-frame"
import { OwnedModels } from "./owned-models"

type Props = {
  params: Promise<{ owner: string }>
  searchParams: Promise<Record<string, string | string[] | undefined>>
}

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const owner = await nullIfUnavailable(getAccount((await params).owner))
  if (!owner) return nothingHere
  return { title: owner.name, description: `Models by ${owner.name}`, alternates: alternateLinks(`/${owner.username}`) }
}

export default async function ProfilePage({ params, searchParams }: Props) {
  const owner = await nullIfUnavailable(getAccount((await params).owner))
  if (!owner) return <NothingHere />
  const query = await searchParams
  const words = (param(query.q) ?? "").trim().slice(0, 200)
  const actor = await currentActor()
  const page = await nullIfUnavailable(
    exploreModels(actor, { words, of: owner, sort: words ? undefined : "newest" }, param(query.cursor)),
  )
  if (!page) return <NothingHere />
  const count = words ? await countModels(actor, owner) : page.total!
  const can = (ability: Ability) => may(actor, ability, owner.id)
  const member = can("see")
  const own = actor?.owner_id === owner.id
  const create = own ? "/create" : `/create?owner=${owner.username}`
  const offers = own && actor ? await listTransfersTo(actor) : []

  return (
    <>
      {member && param(query.deleted) && (
        <Notice kind="success" role="status" className="mb-6">
          Model deleted.
        </Notice>
      )}
      {offers.length > 0 && (
        <Notice
          title={
            offers.length === 1
              ? `${offers[0]!.from} wants to transfer a model to you`
              : `${offers.length} models are offered to you`
          }
          className="mb-6"
        >
          <Link href="/account/transfers" className="link">
            Accept or decline
          </Link>
        </Notice>
      )}
      <AccountHeader
        owner={{ ...owner, avatar_url: imagePathOrNull(owner.avatar_url) }}
        role={actor?.roles?.get(owner.id)}
        models={count}
        actions={
          can("create") && (
            <ButtonLink href={create} icon={<PlusIcon size={16} />}>
              New model
            </ButtonLink>
          )
        }
      />
      {member && !own ? (
        <OrganizationTabs username={owner.username} can={can} current={`/${owner.username}`} />
      ) : (
        <div className="mb-8" />
      )}
      <section aria-labelledby="models">
        <h2 id="models" className="mb-4">
          {own ? "Your models" : member ? "Models" : "Public models"}
        </h2>
        <OwnedModels
          owner={owner}
          count={count}
          page={page}
          words={words}
          origin={await currentOrigin()}
          own={own}
          create={can("create") ? create : null}
          member={member}
        />
      </section>
    </>
  )
}
