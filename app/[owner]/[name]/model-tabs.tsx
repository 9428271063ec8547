import Link from "next/link"
import type { ComponentProps } from "react"

import { TabRow } from "@/components/tab-row"

type Props = {
  base: string
  current: "overview" | "playground" | "examples" | "train" | "versions" | "api" | "settings"
  hasVersions: boolean
  /** Whether the latest version can be trained. */
  trains: boolean
  /** Whether the viewer may edit the model. */
  mine: boolean
}

/** Tabs for the pages of a model that have content. */
export function ModelTabs({ base, current, hasVersions, trains, mine }: Props) {
  const tabs = [
    { id: "overview", label: "Overview", href: base },
    ...(hasVersions
      ? [
          { id: "playground", label: "Playground", href: `${base}/playground` },
          { id: "examples", label: "Examples", href: `${base}/examples` },
        ]
      : []),
    ...(trains ? [{ id: "train", label: "Train", href: `${base}/train` }] : []),
    ...(hasVersions || current === "versions" ? [{ id: "versions", label: "Versions", href: `${base}/versions` }] : []),
    { id: "api", label: "API", href: `${base}/api` },
    ...(mine ? [{ id: "settings", label: "Settings", href: `${base}/settings` }] : []),
  ]
  const look = "flex min-h-10 items-center border-b-2 px-3 whitespace-nowrap"
  return (
    <nav aria-label="Model" data-print="hide" className="mt-6 mb-8 border-b border-line">
      <TabRow current={current === "overview" ? base : `${base}/${current}`}>
        {tabs.map((tab) => (
          <li key={tab.id}>
            <TabLink
              id={tab.id}
              href={tab.href}
              aria-current={tab.id === current ? "page" : undefined}
              className={`${look} border-transparent text-muted hover:text-text focus-visible:-outline-offset-2 aria-[current]:border-accent aria-[current]:font-semibold aria-[current]:text-text forced-colors:border-[Canvas] forced-colors:aria-[current]:border-[Highlight]`}
            >
              {tab.label}
            </TabLink>
          </li>
        ))}
      </TabRow>
    </nav>
  )
}

/** The playground needs a full page load, because only that applies its permissions policy for the camera. */
const TabLink = ({ id, children, ...rest }: ComponentProps<"a"> & { id: string; href: string }) =>
  id === "playground" ? <a {...rest}>{children}</a> : <Link {...rest}>{children}</Link>
