import { EventList } from "@/components/event-list"
import { PageHeader } from "@/components/ui/page-header"
import { nullIfUnavailable } from "@/lib/next/page"
import { listInstallationEvents } from "@/lib/events/list"
import { eventFilter, eventBodies } from "../../account/events/presented-events"
import { NothingHere } from "../../nothing-here"
import { loadAdminPage, adminMetadata } from "../admin-page"

export const generateMetadata = adminMetadata("Installation audit log", "/admin/events")

type Props = { searchParams: Promise<Record<string, string | string[] | undefined>> }

export default async function AdminEventsPage({ searchParams }: Props) {
  const { filter, cursor } = eventFilter(await searchParams)
  const actor = await loadAdminPage("/admin/events")
  const page = actor && (await nullIfUnavailable(listInstallationEvents(actor, filter, cursor)))
  if (!page) return <NothingHere />

  return (
    <>
      <PageHeader
        title="Installation audit log"
        lead="Changes administrators made to accounts, hardware and settings."
        className="mb-8"
      />
      <EventList {...eventBodies(page)} path="/admin/events" filter={filter} label="Audit log of the installation" />
    </>
  )
}
