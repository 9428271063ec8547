import type { Metadata } from "next"
import Link from "next/link"
import { redirect } from "next/navigation"

import { Notice } from "@/components/ui/notice"
import { currentAccount, githubIsOn } from "@/lib/next/session"
import { safeNext } from "@/lib/next/form"
import { param } from "@/lib/next/page"
import { instanceIsNew, signUpIsOpen } from "@/lib/owners/owner"
import { CredentialsForm } from "../signin/credentials-form"
import { SignInFrame } from "../signin/sign-in-frame"
import { GithubButton } from "../signin/github-button"
import { signUpAction } from "./actions"

export const metadata: Metadata = { title: "Create account" }

type Props = { searchParams: Promise<Record<string, string | string[] | undefined>> }

export default async function SignUpPage({ searchParams }: Props) {
  const query = await searchParams
  const next = safeNext(param(query.next), "/create")
  if (await currentAccount()) redirect(next)
  const signIn = `/signin${param(query.next) ? `?next=${encodeURIComponent(next)}` : ""}`

  if (!signUpIsOpen())
    return (
      <SignInFrame title="Create account">
        <Notice kind="info" title="Sign-up is closed">
          <p>The administrator creates all accounts. Ask for one, then sign in.</p>
        </Notice>
        <p className="mt-6 text-muted">
          Already have an account?{" "}
          <Link href={signIn} className="link">
            Sign in
          </Link>
          .
        </p>
      </SignInFrame>
    )

  return (
    <SignInFrame title="Create account" lead="All you need is a username and a password.">
      {(await instanceIsNew()) && (
        <Notice kind="info" className="mb-5">
          The first account becomes the administrator.
        </Notice>
      )}
      <CredentialsForm kind="sign-up" action={signUpAction} next={next} />
      {githubIsOn() && <GithubButton next={next} />}
      <p className="mt-6 text-muted">
        Already have an account?{" "}
        <Link href={signIn} className="link">
          Sign in
        </Link>
        .
      </p>
    </SignInFrame>
  )
}
