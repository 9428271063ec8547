"use client"

import { usePathname } from "next/navigation"

import { OwnerTabs, type OwnerTab } from "./owner-header"

/** Tabs of which the one whose page is open is current. */
export const PathTabs = ({ label, tabs }: { label: string; tabs: OwnerTab[] }) => (
  <OwnerTabs label={label} tabs={tabs} current={usePathname()} />
)
