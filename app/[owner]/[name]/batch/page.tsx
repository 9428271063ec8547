import type { Metadata } from "next"
import Link from "next/link"

import { NothingHere, nothingHere } from "@/app/nothing-here"
import { ButtonLink } from "@/components/ui/button"
import { EmptyState } from "@/components/ui/empty-state"
import { newFormKey } from "@/lib/next/page"
import { exampleInput } from "@/lib/versions/form"
import { latestForm, loadModelPage } from "../load-model-page"
import { ModelHeader } from "../model-header"
import { ModelTabs } from "../model-tabs"
import { BatchForm } from "./batch-form"

type Props = { params: Promise<{ owner: string; name: string }> }

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { owner, name } = await params
  const page = await loadModelPage(owner, name, "/batch")
  if (!page) return nothingHere
  return { title: `Batch · ${owner}/${name}`, robots: { index: false } }
}

export default async function BatchPage({ params }: Props) {
  const { owner, name } = await params
  const page = await loadModelPage(owner, name, "/batch")
  if (!page) return <NothingHere />
  const { model, hardware, mine, viewer } = page
  const base = `/${owner}/${name}`
  const version = model.latest_version
  const form = await latestForm(model)
  return (
    <>
      <ModelHeader model={model} hardware={hardware} />
      <ModelTabs base={base} current="playground" hasVersions={version !== null} trains={page.trains} mine={mine} />
      <h2 className="mb-2">Run many inputs</h2>
      <p className="mb-6 max-w-2xl text-muted">
        They run a few at a time. The results are a file, in the order of the inputs.
      </p>
      {!version ? (
        <EmptyState title="No versions yet">
          <p>There is nothing to run.</p>
        </EmptyState>
      ) : viewer ? (
        <>
          <BatchForm
            model={{ owner, name, version: version.id }}
            formKey={await newFormKey()}
            example={JSON.stringify(
              exampleInput(form.inputs.map((field, n) => ({ ...field, required: field.required || n === 0 }))),
            )}
          />
          <p className="mt-6">
            <Link href="/batches" className="link">
              Your batches
            </Link>
          </p>
        </>
      ) : (
        <ButtonLink variant="primary" href={`/signin?next=${encodeURIComponent(`${base}/batch`)}`}>
          Sign in to run
        </ButtonLink>
      )}
    </>
  )
}
