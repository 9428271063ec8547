"use client"

import { usePathname } from "next/navigation"

import { AccountTabs, type AccountTab } from "./account-header"

/** Tabs of links; the one of the current page is marked. */
export const PathTabs = ({ label, tabs }: { label: string; tabs: AccountTab[] }) => (
  <AccountTabs label={label} tabs={tabs} current={usePathname()} />
)
