import type { Metadata } from "next"

import { EmptyState } from "@/components/ui/empty-state"
import { Time } from "@/components/ui/time"
import { ForgetDraft } from "@/app/create/forget-draft"
import { ModelHeader } from "./model-header"
import { ModelTabs } from "./model-tabs"
import { NextSteps } from "./next-steps"
import { shownModel } from "./shown-model"

type Props = { params: Promise<{ owner: string; name: string }> }

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { owner, name } = await params
  const { model } = await shownModel(owner, name)
  return {
    title: `${model.owner}/${model.name}`,
    description: model.description ?? undefined,
    robots: model.visibility === "private" ? { index: false } : undefined,
  }
}

export default async function ModelPage({ params }: Props) {
  const { owner, name } = await params
  const { model, hardware, mine, viewer, origin } = await shownModel(owner, name)

  return (
    <>
      <ModelHeader model={model} hardware={hardware} />
      <ModelTabs base={`/${owner}/${name}`} current="overview" />
      {mine && viewer && <ForgetDraft account={viewer} owner={owner} name={name} />}
      {mine ? (
        <NextSteps model={model} origin={origin} />
      ) : (
        <EmptyState title="No versions yet">
          <p>{model.owner} has not pushed anything to this model, so there is nothing to run.</p>
        </EmptyState>
      )}
      <p className="mt-10 text-sm text-muted">
        Created <Time iso={model.created_at} />
      </p>
    </>
  )
}
