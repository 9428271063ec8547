import type { Metadata, Viewport } from "next"
import { cookies } from "next/headers"
import type { ReactNode } from "react"

import { PaletteTrigger } from "@/components/command-palette/trigger"
import { ReleaseEarly } from "@/components/release-early"
import { SiteFooter } from "@/components/site-footer"
import { SiteHeader } from "@/components/site-header"
import { ThemeSwitch, type Theme } from "@/components/theme-switch"
import { imagePathOrNull } from "@/lib/pictures/address"
import { currentAccount } from "@/lib/next/session"
import { countInvitations } from "@/lib/organizations/invitation"
import { currentOrigin } from "@/lib/next/page"
import { fontVariables } from "./fonts"
import "./globals.css"
import { signOutAction } from "./signin/actions"
import { SignOut } from "./signin/sign-out"

export async function generateMetadata(): Promise<Metadata> {
  return {
    metadataBase: new URL(await currentOrigin()),
    title: { default: "Understudy", template: "%s · Understudy" },
    description:
      "A model hub on your own machines: create a model, push to it, and call it with the clients you already use.",
    icons: {
      icon: [
        { url: "/favicon.ico", sizes: "32x32" },
        { url: "/icon.svg", type: "image/svg+xml" },
      ],
      apple: { url: "/apple-icon.png", sizes: "180x180" },
    },
  }
}

export const viewport: Viewport = {
  themeColor: [
    { media: "(prefers-color-scheme: light)", color: "#fafaf7" },
    { media: "(prefers-color-scheme: dark)", color: "#0f1412" },
  ],
}

export default async function RootLayout({ children }: { children: ReactNode }) {
  const theme = await chosenTheme()
  const owner = await currentAccount()

  return (
    <html lang="en" data-theme={theme} className={fontVariables}>
      <body className="flex min-h-dvh flex-col">
        <SiteHeader
          viewer={
            owner && {
              username: owner.username,
              name: owner.name,
              avatar_url: imagePathOrNull(owner.avatar_url),
              invitations: await countInvitations(owner.id),
              is_admin: owner.is_admin,
            }
          }
          signOut={<SignOut />}
          palette={
            <PaletteTrigger
              viewer={owner && { username: owner.username, is_admin: owner.is_admin }}
              signOut={signOutAction}
            />
          }
        />
        <main id="main" tabIndex={-1} className="page flex-1 py-8 sm:py-10">
          {children}
        </main>
        <SiteFooter themeSwitch={<ThemeSwitch theme={theme} />} />
        <ReleaseEarly />
      </body>
    </html>
  )
}

async function chosenTheme(): Promise<Theme> {
  const jar = await cookies()
  const theme = (jar.get("__Host-theme") ?? jar.get("theme"))?.value
  return theme === "light" || theme === "dark" ? theme : "system"
}
