import type { Metadata } from "next"
import { cache } from "react"

import { nothingHere } from "@/app/nothing-here"
import { requireActor } from "@/lib/next/action"
import { nullIfUnavailable } from "@/lib/next/page"
import { getOrganization } from "@/lib/organizations/organization"
import { may, type Ability } from "@/lib/access/policy"

/** What every page of an organization needs. Redirects visitors to sign-in; null if the viewer lacks the ability. */
export const loadOrganizationPage = cache(async (name: string, ability: Ability, path: string) => {
  const actor = await requireActor(`/organizations/${encodeURIComponent(name)}${path}`)
  const organization = await nullIfUnavailable(getOrganization(actor, name, ability))
  return (
    organization && {
      actor,
      organization,
      role: actor.roles?.get(organization.id) ?? null,
      can: (ability: Ability) => may(actor, ability, organization.id),
    }
  )
})

/** The metadata of an organization page; without the ability, that of a missing page. */
export const organizationMetadata =
  (title: string, ability: Ability, path: string) =>
  async ({ params }: { params: Promise<{ name: string }> }): Promise<Metadata> =>
    (await loadOrganizationPage((await params).name, ability, path)) ? { title, robots: { index: false } } : nothingHere
