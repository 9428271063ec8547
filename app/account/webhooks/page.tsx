import type { Metadata } from "next"
import Link from "next/link"

import { PageHeader } from "@/components/ui/page-header"
import { requireActor } from "@/lib/next/action"
import { nullIfUnavailable, param } from "@/lib/next/page"
import { listDeliveries } from "@/lib/webhooks/delivery"
import { showWebhookSecret } from "@/lib/webhooks/secret"
import { NothingHere } from "../../nothing-here"
import { WebhookSections } from "./sections"

export const metadata: Metadata = { title: "Webhooks", robots: { index: false } }

type Props = { searchParams: Promise<Record<string, string | string[] | undefined>> }

export default async function WebhooksPage({ searchParams }: Props) {
  const query = await searchParams
  const actor = await requireActor("/account/webhooks")
  const account = { id: actor.owner_id, username: actor.username }
  const deliveries = await nullIfUnavailable(listDeliveries(actor, account, param(query.cursor)))
  if (!deliveries) return <NothingHere />
  const { previous_until } = await showWebhookSecret(actor, account)

  return (
    <div className="max-w-4xl">
      <PageHeader
        title="Webhooks"
        lead={
          <span>
            A prediction with a <span className="font-mono text-sm">webhook</span> posts its progress and its result to
            that URL; alerts of deployments are listed here, too. Without a server of your own, try the{" "}
            <Link href="/account/webhooks/sink" className="link">
              webhook sink
            </Link>
            .
          </span>
        }
        className="mb-8"
      />
      <WebhookSections deliveries={deliveries} previousUntil={previous_until} path="/account/webhooks" query={query} />
    </div>
  )
}
