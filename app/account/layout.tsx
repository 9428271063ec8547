import type { ReactNode } from "react"

import { PathTabs } from "@/components/path-tabs"

const tabs = [
  { href: "/account", label: "Profile" },
  { href: "/account/security", label: "Security" },
  { href: "/account/api-tokens", label: "API tokens" },
  { href: "/account/webhooks", label: "Webhooks" },
  { href: "/account/push", label: "Pushing" },
  { href: "/account/transfers", label: "Transfers" },
  { href: "/account/events", label: "Audit log" },
]

/** The settings of the signed-in account. */
export default function AccountLayout({ children }: { children: ReactNode }) {
  return (
    <>
      <div className="-mt-6">
        <PathTabs label="Account settings" tabs={tabs} />
      </div>
      {children}
    </>
  )
}
