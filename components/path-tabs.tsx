"use client"

import { usePathname } from "next/navigation"

import { AccountTabs, type AccountTab } from "./account-header"

/** Tabs of which the one whose page is open is current. */
export const PathTabs = ({ label, tabs }: { label: string; tabs: AccountTab[] }) => (
  <AccountTabs label={label} tabs={tabs} current={usePathname()} />
)
