import type { Metadata } from "next"

import { nullIfUnavailable } from "@/lib/next/page"
import { getPasswordLink } from "@/lib/accounts/password-links"
import { NothingHere, nothingHere } from "../../../nothing-here"
import { SignInFrame } from "../../sign-in-frame"
import { ResetForm } from "./reset-form"

type Props = { params: Promise<{ secret: string }> }

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const link = await nullIfUnavailable(getPasswordLink((await params).secret))
  return {
    ...(link ? { title: "Set a new password", robots: { index: false } } : nothingHere),
    referrer: "same-origin",
  }
}

export default async function ResetPage({ params }: Props) {
  const { secret } = await params
  const link = await nullIfUnavailable(getPasswordLink(secret))
  if (!link) return <NothingHere />
  return (
    <SignInFrame title="Set a new password" lead={`For ${link.username}. The link works once.`}>
      <ResetForm secret={secret} username={link.username} />
    </SignInFrame>
  )
}
