import { AccountHeader, AccountTabs } from "@/components/account-header"
import { imagePathOrNull } from "@/lib/pictures/address"
import type { Account } from "@/lib/owners/owner"
import type { Ability } from "@/lib/access/policy"

type Props = { organization: Account; role: string | null; can: (ability: Ability) => boolean; current: string }

/** The header and tabs of an organization's pages. */
export function OrganizationFrame({ organization, role, can, current }: Props) {
  return (
    <>
      <AccountHeader owner={{ ...organization, avatar_url: imagePathOrNull(organization.avatar_url) }} role={role} />
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
    ...(can("tokens")
      ? [
          { href: `${base}/tokens`, label: "API tokens" },
          { href: `${base}/webhooks`, label: "Webhooks" },
        ]
      : []),
    ...(can("events") ? [{ href: `${base}/events`, label: "Audit log" }] : []),
    ...(can("profile") ? [{ href: `${base}/settings`, label: "Settings" }] : []),
  ]
  return <AccountTabs label={username} tabs={tabs} current={current} />
}
