import type { Metadata } from "next"
import Link from "next/link"
import { redirect } from "next/navigation"

import { Notice } from "@/components/ui/notice"
import { currentAccount, githubIsOn } from "@/lib/next/session"
import { safeNext } from "@/lib/next/form"
import { param } from "@/lib/next/page"
import { signUpIsOpen } from "@/lib/owners/owner"
import { signInAction } from "./actions"
import { CredentialsForm } from "./credentials-form"
import { SignInFrame } from "./sign-in-frame"
import { GithubButton } from "./github-button"
import { SignedOutHeader } from "./signed-out-header"

export const metadata: Metadata = { title: "Sign in" }

type Props = { searchParams: Promise<Record<string, string | string[] | undefined>> }

export default async function SignInPage({ searchParams }: Props) {
  const query = await searchParams
  const next = safeNext(param(query.next) ?? param(query.callbackUrl))
  if (await currentAccount()) redirect(next)

  return (
    <SignInFrame
      title="Sign in"
      lead={next === "/" || param(query.ended) ? undefined : "Sign in to continue. You will return to where you were."}
    >
      {param(query.reset) && (
        <Notice kind="success" role="status" className="mb-5">
          Password changed. Sign in with your new password.
        </Notice>
      )}
      <SignedOutHeader />
      {param(query.ended) && (
        <Notice kind="warn" role="status" title="Your session ended" className="mb-5">
          {isCreatePage(next) ? "Sign in again. What you typed is kept." : "Sign in again to continue."}
        </Notice>
      )}
      {param(query.late) && (
        <Notice kind="warn" role="status" className="mb-5">
          Your sign-in expired. Sign in again.
        </Notice>
      )}
      {param(query.error) && (
        <Notice kind="danger" className="mb-5">
          Sign-in with GitHub failed. Try again, or use your username and password.
        </Notice>
      )}
      <CredentialsForm kind="sign-in" action={signInAction} next={next} />
      {githubIsOn() && <GithubButton next={next} />}
      {signUpIsOpen() ? (
        <p className="mt-6 text-muted">
          New here?{" "}
          <Link href={`/signup${nextQuery(next)}`} className="link">
            Create an account
          </Link>
          .
        </p>
      ) : (
        <p className="mt-6 text-muted">The administrator creates all accounts.</p>
      )}
    </SignInFrame>
  )
}

const isCreatePage = (path: string) => /^\/create(?:\?|$)/.test(path)

const nextQuery = (next: string) => (next === "/" ? "" : `?next=${encodeURIComponent(next)}`)
