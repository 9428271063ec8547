import { EventList } from "@/components/event-list"
import { orNull } from "@/lib/next/page"
import { listEvents } from "@/lib/events/list"
import { eventFilter, presentedEvents } from "../../../account/events/presented-events"
import { NothingHere } from "../../../nothing-here"
import { OrganizationFrame } from "../organization-frame"
import { shownOrganization, titled } from "../shown-organization"

export const generateMetadata = titled("Audit log", "events", "/events")

type Props = { params: Promise<{ name: string }>; searchParams: Promise<Record<string, string | string[] | undefined>> }

export default async function OrganizationEventsPage({ params, searchParams }: Props) {
  const { filter, cursor } = eventFilter(await searchParams)
  const shown = await shownOrganization((await params).name, "events", "/events")
  if (!shown) return <NothingHere />
  const { actor, organization, role, can } = shown
  const page = await orNull(listEvents(actor, organization, filter, cursor))
  if (!page) return <NothingHere />
  const path = `/organizations/${organization.username}/events`

  return (
    <>
      <OrganizationFrame organization={organization} role={role} can={can} current={path} />
      <EventList
        {...presentedEvents(page)}
        path={path}
        filter={filter}
        label={`What happened to ${organization.username}`}
      />
    </>
  )
}
