import type { Metadata } from "next"
import Link from "next/link"

import { PageHeader } from "@/components/ui/page-header"
import { newFormKey } from "@/lib/next/page"
import { currentActor } from "@/lib/next/session"
import { mayCurate } from "@/lib/collections/collection"
import { NothingHere, nothingHere } from "../../nothing-here"
import { createCollectionAction } from "../actions"
import { CollectionForm } from "../collection-form"

export async function generateMetadata(): Promise<Metadata> {
  return mayCurate(await currentActor()) ? { title: "New collection", robots: { index: false } } : nothingHere
}

export default async function NewCollectionPage() {
  if (!mayCurate(await currentActor())) return <NothingHere />

  return (
    <div className="max-w-2xl">
      <PageHeader
        above={
          <Link href="/collections" className="link">
            Collections
          </Link>
        }
        title="New collection"
        lead="Start with a name and an address; add models next."
        className="mb-8"
      />
      <CollectionForm
        action={createCollectionAction}
        formKey={await newFormKey()}
        values={{ name: "", slug: "", description: "", full_description: "" }}
        submit="Create collection"
        pendingLabel="Creating…"
      />
    </div>
  )
}
