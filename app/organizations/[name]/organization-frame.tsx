import { OwnerHeader, OwnerTabs } from "@/components/owner-header"
import type { Owner } from "@/lib/owners/owner"
import type { Ability } from "@/lib/access/policy"

type Props = { organization: Owner; role: string | null; can: (ability: Ability) => boolean; current: string }

/** The head of an organization's own pages, with the parts the viewer may see. */
export function OrganizationFrame({ organization, role, can, current }: Props) {
  return (
    <>
      <OwnerHeader owner={organization} role={role} />
      <OrganizationTabs username={organization.username} can={can} current={current} />
    </>
  )
}

export function OrganizationTabs({
  username,
  can,
  current,
}: {
  username: string
  can: (ability: Ability) => boolean
  current: string
}) {
  const base = `/organizations/${username}`
  const tabs = [
    { href: `/${username}`, label: "Models" },
    { href: `${base}/members`, label: "Members" },
    ...(can("tokens") ? [{ href: `${base}/tokens`, label: "API tokens" }] : []),
    ...(can("events") ? [{ href: `${base}/events`, label: "Audit log" }] : []),
    ...(can("profile") ? [{ href: `${base}/settings`, label: "Settings" }] : []),
  ]
  return <OwnerTabs label={username} tabs={tabs} current={current} />
}
