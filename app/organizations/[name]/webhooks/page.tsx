import { nullIfUnavailable, param } from "@/lib/next/page"
import { listDeliveries } from "@/lib/webhooks/delivery"
import { showWebhookSecret } from "@/lib/webhooks/secret"
import { WebhookSections } from "../../../account/webhooks/sections"
import { NothingHere } from "../../../nothing-here"
import { OrganizationFrame } from "../organization-frame"
import { loadOrganizationPage, organizationMetadata } from "../organization-page"

export const generateMetadata = organizationMetadata("Webhooks", "tokens", "/webhooks")

type Props = { params: Promise<{ name: string }>; searchParams: Promise<Record<string, string | string[] | undefined>> }

export default async function OrganizationWebhooksPage({ params, searchParams }: Props) {
  const query = await searchParams
  const page = await loadOrganizationPage((await params).name, "tokens", "/webhooks")
  if (!page) return <NothingHere />
  const { actor, organization, role, can } = page
  const deliveries = await nullIfUnavailable(listDeliveries(actor, organization, param(query.cursor)))
  if (!deliveries) return <NothingHere />
  const { previous_until } = await showWebhookSecret(actor, organization)
  const path = `/organizations/${organization.username}/webhooks`

  return (
    <>
      <OrganizationFrame organization={organization} role={role} can={can} current={path} />
      <div className="max-w-4xl">
        <WebhookSections
          deliveries={deliveries}
          previousUntil={previous_until}
          path={path}
          organization={organization.username}
          query={query}
        />
      </div>
    </>
  )
}
