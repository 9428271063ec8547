import Link from "next/link"
import type { ReactNode } from "react"

import { TabRow } from "./tab-row"
import { Avatar } from "./ui/avatar"
import { Badge } from "./ui/badge"
import { ExternalIcon } from "./ui/icons"
import { Time } from "./ui/time"

type Props = {
  owner: {
    username: string
    name: string
    type: "user" | "organization"
    avatar_url: string | null
    github_url: string | null
    description: string | null
    created_at: string
  }
  /** The viewer's role. */
  role?: string | null
  /** The number of models the viewer may see; hidden ones are never counted. */
  models?: number
  actions?: ReactNode
}

/** The header of a profile and of every page of an organization. */
export function AccountHeader({ owner, role, models, actions }: Props) {
  const organization = owner.type === "organization"
  return (
    <header className="flex flex-wrap items-start gap-x-4 gap-y-3">
      <Avatar name={owner.name} src={owner.avatar_url} size={64} shape={organization ? "square" : "round"} />
      <div className="min-w-0 flex-1 basis-56">
        <h1 className="wrap-anywhere">{owner.name}</h1>
        <p className="flex flex-wrap items-center gap-x-2 gap-y-1 text-muted">
          {owner.name !== owner.username && <span className="font-mono text-sm">{owner.username}</span>}
          <Badge>{organization ? "Organization" : "Person"}</Badge>
          {role && (
            <Badge tone="accent">
              You are {/^[ao]/.test(role) ? "an" : "a"} {role}
            </Badge>
          )}
          <span>
            {organization ? "Since" : "Joined"} <Time iso={owner.created_at} />
          </span>
          {models !== undefined && <span>{models === 1 ? "1 model" : `${models.toLocaleString("en-US")} models`}</span>}
          {owner.github_url && (
            <a
              href={owner.github_url}
              rel="nofollow noopener noreferrer"
              className="link inline-flex items-center gap-1"
            >
              GitHub
              <ExternalIcon size={14} />
            </a>
          )}
        </p>
        {owner.description && <p className="mt-2 max-w-2xl wrap-anywhere">{owner.description}</p>}
      </div>
      {actions}
    </header>
  )
}

export type AccountTab = { href: string; label: string }

/** The tabs of an account. */
export function AccountTabs({ label, tabs, current }: { label: string; tabs: AccountTab[]; current: string }) {
  return (
    <nav aria-label={label} className="mt-6 mb-8 border-b border-line">
      <TabRow current={current}>
        {tabs.map((tab) => (
          <li key={tab.href}>
            <Link
              href={tab.href}
              aria-current={tab.href === current ? "page" : undefined}
              className="flex min-h-10 items-center border-b-2 border-transparent px-3 whitespace-nowrap text-muted hover:text-text focus-visible:-outline-offset-2 aria-[current]:border-accent aria-[current]:font-semibold aria-[current]:text-text forced-colors:border-[Canvas] forced-colors:aria-[current]:border-[Highlight]"
            >
              {tab.label}
            </Link>
          </li>
        ))}
      </TabRow>
    </nav>
  )
}
