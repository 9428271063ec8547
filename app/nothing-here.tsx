import type { Metadata } from "next"

import { ButtonLink } from "@/components/ui/button"
import { EmptyState } from "@/components/ui/empty-state"
import { PageHeader } from "@/components/ui/page-header"
import { currentAccount } from "@/lib/next/session"
import { answerNotFound } from "@/lib/next/page"

export const nothingHere: Metadata = { title: "Not found", robots: { index: false } }

/** What a page shows, with status 404, in place of what never was or what the viewer may not see: the same for both. */
export async function NothingHere() {
  answerNotFound()
  return <NothingHereText />
}

export async function NothingHereText() {
  const signedIn = (await currentAccount()) !== null
  return (
    <>
      <PageHeader title="There is nothing here" className="mb-6" />
      <EmptyState
        title="This page does not exist, or you may not see it"
        action={
          <>
            <ButtonLink href="/explore">Explore models</ButtonLink>
            {!signedIn && <ButtonLink href="/signin">Sign in</ButtonLink>}
          </>
        }
      >
        Check the address for typing mistakes. If it is a private model, sign in as an account that owns it.
      </EmptyState>
    </>
  )
}
