import type { Metadata } from "next"
import Link from "next/link"
import { redirect } from "next/navigation"

import { currentAccount, pendingSignIn } from "@/lib/next/session"
import { safeNext } from "@/lib/next/form"
import { param } from "@/lib/next/page"
import { SignInFrame } from "../sign-in-frame"
import { CodeForm } from "./code-form"

export const metadata: Metadata = { title: "Enter your code", robots: { index: false } }

type Props = { searchParams: Promise<Record<string, string | string[] | undefined>> }

export default async function CodePage({ searchParams }: Props) {
  const next = safeNext(param((await searchParams).next))
  if (await currentAccount()) redirect(next)
  const signIn = `/signin${next === "/" ? "" : `?next=${encodeURIComponent(next)}`}`
  const owner = await pendingSignIn()
  if (!owner) redirect(signIn)

  return (
    <SignInFrame title="Enter your code" lead={`Signing in to ${owner.username} requires a code.`}>
      <CodeForm next={next} />
      <p className="mt-6 text-muted">
        No phone and no recovery code? An administrator can turn off two-step sign-in for you.{" "}
        <Link href={signIn} className="link">
          Sign in with another account
        </Link>
        .
      </p>
    </SignInFrame>
  )
}
