import type { Metadata } from "next"

import { ButtonLink } from "@/components/ui/button"
import { EmptyState } from "@/components/ui/empty-state"
import { PageHeader } from "@/components/ui/page-header"
import { currentAccount } from "@/lib/next/session"
import { answerNotFound } from "@/lib/next/page"

export const nothingHere: Metadata = { title: "Not found", robots: { index: false } }

/** The content of a 404 page, the same for what does not exist and what the viewer may not see. */
export async function NothingHere() {
  answerNotFound()
  return <NothingHereText />
}

export async function NothingHereText() {
  const signedIn = (await currentAccount()) !== null
  return (
    <>
      <PageHeader title="Page not found" className="mb-6" />
      <EmptyState
        title="This page does not exist, or you do not have access"
        action={
          <>
            <ButtonLink href="/explore">Explore models</ButtonLink>
            {!signedIn && <ButtonLink href="/signin">Sign in</ButtonLink>}
          </>
        }
      >
        Check the address for typos. If it is a private model, sign in with an account that has access.
      </EmptyState>
    </>
  )
}
