import type { ReactNode } from "react"

import { PageHeader } from "@/components/ui/page-header"

/** A narrow page with one form. */
export function SignInFrame({ title, lead, children }: { title: string; lead?: string; children: ReactNode }) {
  return (
    <div className="mx-auto w-full max-w-sm pt-4 sm:pt-10">
      <PageHeader title={title} lead={lead} className="mb-6" />
      {children}
    </div>
  )
}
