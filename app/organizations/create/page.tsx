import type { Metadata } from "next"

import { PageHeader } from "@/components/ui/page-header"
import { requireActor } from "@/lib/next/action"
import { safeNext } from "@/lib/next/form"
import { newFormKey, param, currentOrigin } from "@/lib/next/page"
import { CreateOrganizationForm } from "./create-organization-form"

export const metadata: Metadata = { title: "New organization", robots: { index: false } }

type Props = { searchParams: Promise<Record<string, string | string[] | undefined>> }

export default async function CreateOrganizationPage({ searchParams }: Props) {
  const next = safeNext(param((await searchParams).next))
  await requireActor(`/organizations/create${next === "/" ? "" : `?next=${encodeURIComponent(next)}`}`)

  return (
    <div className="max-w-xl">
      <PageHeader
        title="New organization"
        lead="For models that several people work on. Only its members can see its private models."
        className="mb-8"
      />
      <CreateOrganizationForm formKey={await newFormKey()} next={next} origin={await currentOrigin()} />
    </div>
  )
}
