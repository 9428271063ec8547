import type { Metadata } from "next"

import { EventList } from "@/components/event-list"
import { PageHeader } from "@/components/ui/page-header"
import { requireActor } from "@/lib/next/action"
import { nullIfUnavailable } from "@/lib/next/page"
import { listEvents } from "@/lib/events/list"
import { getAccount } from "@/lib/owners/owner"
import { NothingHere } from "../../nothing-here"
import { eventFilter, eventBodies } from "./presented-events"

export const metadata: Metadata = { title: "Audit log", robots: { index: false } }

type Props = { searchParams: Promise<Record<string, string | string[] | undefined>> }

export default async function EventsPage({ searchParams }: Props) {
  const { filter, cursor } = eventFilter(await searchParams)
  const actor = await requireActor("/account/events")
  const page = await nullIfUnavailable(listEvents(actor, await getAccount(actor.username), filter, cursor))
  if (!page) return <NothingHere />

  return (
    <>
      <PageHeader
        title="Audit log"
        lead="Changes to your account, models and tokens: who made them, when and from where."
        className="mb-8"
      />
      <EventList {...eventBodies(page)} path="/account/events" filter={filter} label="Audit log of your account" />
    </>
  )
}
