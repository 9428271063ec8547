import type { ReactNode } from "react"

import { PathTabs } from "@/components/path-tabs"
import { currentAccount } from "@/lib/next/session"

const tabs = [
  { href: "/admin/users", label: "Accounts" },
  { href: "/admin/hardware", label: "Hardware" },
  { href: "/admin/models", label: "Models" },
  { href: "/collections", label: "Collections" },
  { href: "/admin/settings", label: "Settings" },
  { href: "/admin/events", label: "Audit log" },
]

/** The administration pages; everybody else sees no tabs and nothing below. */
export default async function AdminLayout({ children }: { children: ReactNode }) {
  const isAdmin = (await currentAccount())?.is_admin
  return (
    <>
      {isAdmin && (
        <div className="-mt-6">
          <PathTabs label="Administration" tabs={tabs} />
        </div>
      )}
      {children}
    </>
  )
}
