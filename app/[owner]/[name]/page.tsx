import type { Metadata } from "next"

import { EmptyState } from "@/components/ui/empty-state"
import { Time } from "@/components/ui/time"
import { ForgetDraft } from "@/app/create/forget-draft"
import { NothingHere, nothingHere } from "@/app/nothing-here"
import { LastStep } from "./first-step"
import { LatestVersion } from "./latest-version"
import { ModelHeader } from "./model-header"
import { ModelTabs } from "./model-tabs"
import { NextSteps } from "./next-steps"
import { alternateLinks } from "@/lib/next/page"
import { PushWatch } from "./push-watch"
import { Readme } from "./readme"
import { latestForm, readmeOf, loadModelPage } from "./load-model-page"
import { Unpushable } from "./unpushable"

type Props = { params: Promise<{ owner: string; name: string }> }

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { owner, name } = await params
  const page = await loadModelPage(owner, name)
  if (!page) return nothingHere
  const { model } = page
  return {
    title: `${model.owner}/${model.name}`,
    description: model.description ?? `A model by ${model.owner}`,
    ...(model.visibility === "private"
      ? { robots: { index: false } }
      : { alternates: alternateLinks(`/${owner}/${name}`) }),
  }
}

export default async function ModelPage({ params }: Props) {
  const { owner, name } = await params
  const page = await loadModelPage(owner, name)
  if (!page) return <NothingHere />
  const { model, hardware, mine, manages, viewer, origin, pulled } = page
  const gpu = (hardware?.gpus ?? 0) > 0
  const [readme, form] = await Promise.all([readmeOf(owner, name), latestForm(model)])

  return (
    <>
      <ModelHeader model={model} hardware={hardware} />
      <ModelTabs
        base={`/${owner}/${name}`}
        current="overview"
        hasVersions={model.latest_version !== null}
        mine={mine}
      />
      {mine && viewer && <ForgetDraft account={viewer} owner={owner} name={name} />}
      {mine && <Unpushable owner={owner} name={name} manages={manages} />}
      {mine ? (
        <PushWatch owner={owner} name={name} latest={model.latest_version?.id ?? null}>
          {model.latest_version && !pulled && !form.trains_only && <LastStep />}
          {model.latest_version ? (
            <LatestVersion model={model} form={form} origin={origin} mine gpu={gpu} />
          ) : (
            <NextSteps model={model} origin={origin} gpu={gpu} />
          )}
        </PushWatch>
      ) : model.latest_version ? (
        <LatestVersion model={model} form={form} origin={origin} mine={false} gpu={gpu} />
      ) : (
        <EmptyState title="No versions yet">
          <p>{model.owner} has not pushed a version yet, so there is nothing to run.</p>
        </EmptyState>
      )}
      <Readme model={model} html={readme} mine={mine} />
      <p className="mt-10 text-sm text-muted">
        Created <Time iso={model.created_at} />
      </p>
    </>
  )
}
