import { EventList } from "@/components/event-list"
import { nullIfUnavailable } from "@/lib/next/page"
import { listEvents } from "@/lib/events/list"
import { eventFilter, eventBodies } from "../../../account/events/presented-events"
import { NothingHere } from "../../../nothing-here"
import { OrganizationFrame } from "../organization-frame"
import { loadOrganizationPage, organizationMetadata } from "../organization-page"

export const generateMetadata = organizationMetadata("Audit log", "events", "/events")

type Props = { params: Promise<{ name: string }>; searchParams: Promise<Record<string, string | string[] | undefined>> }

export default async function OrganizationEventsPage({ params, searchParams }: Props) {
  const { filter, cursor } = eventFilter(await searchParams)
  const page = await loadOrganizationPage((await params).name, "events", "/events")
  if (!page) return <NothingHere />
  const { actor, organization, role, can } = page
  const events = await nullIfUnavailable(listEvents(actor, organization, filter, cursor))
  if (!events) return <NothingHere />
  const path = `/organizations/${organization.username}/events`

  return (
    <>
      <OrganizationFrame organization={organization} role={role} can={can} current={path} />
      <EventList {...eventBodies(events)} path={path} filter={filter} label={`Audit log of ${organization.username}`} />
    </>
  )
}
