import type { Metadata } from "next"

import { ForgetDraft } from "@/components/forget-draft"
import { modelDraft } from "@/components/draft-keys"
import { EmptyState } from "@/components/ui/empty-state"
import { Time } from "@/components/ui/time"
import { NothingHere, nothingHere } from "@/app/nothing-here"
import { cookies } from "next/headers"
import { Created } from "./created"
import { LatestVersion } from "./latest-version"
import { ModelHeader } from "./model-header"
import { ModelTabs } from "./model-tabs"
import { NextSteps } from "./next-steps"
import { alternateLinks, param } from "@/lib/next/page"
import { PushWatch } from "./push-watch"
import { Readme } from "./readme"
import { RunCosts } from "./run-costs"
import { latestEstimate, latestForm, readmeOf, loadModelPage } from "./load-model-page"
import { toolsPreference } from "./tools-preference"
import { Unpushable } from "./unpushable"

type Props = {
  params: Promise<{ owner: string; name: string }>
  searchParams: Promise<Record<string, string | string[] | undefined>>
}

export async function generateMetadata({ params }: Pick<Props, "params">): Promise<Metadata> {
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

export default async function ModelPage({ params, searchParams }: Props) {
  const { owner, name } = await params
  const page = await loadModelPage(owner, name)
  if (!page) return <NothingHere />
  const { model, hardware, mine, manages, viewer, origin, pushing } = page
  const gpu = (hardware?.gpus ?? 0) > 0
  const isNew = mine && param((await searchParams).created) !== undefined
  const [readme, form, estimate] = await Promise.all([
    readmeOf(owner, name),
    latestForm(model),
    latestEstimate(owner, name),
  ])

  return (
    <>
      <ModelHeader model={model} hardware={hardware} state={estimate?.state} />
      <ModelTabs
        base={`/${owner}/${name}`}
        current="overview"
        hasVersions={model.latest_version !== null}
        trains={page.trains}
        mine={mine}
      />
      {mine && viewer && <ForgetDraft draft={modelDraft(viewer)} owner={owner} name={name} />}
      {isNew && <Created owner={owner} name={name} origin={origin} />}
      {mine && <Unpushable owner={owner} name={name} manages={manages} />}
      {pushing ? (
        <PushWatch owner={owner} name={name} latest={model.latest_version?.id ?? null}>
          {model.latest_version ? (
            <LatestVersion model={model} form={form} origin={origin} pushing={pushing} gpu={gpu} />
          ) : (
            <NextSteps model={model} origin={origin} gpu={gpu} pushing={pushing} hasTools={await hasTools()} />
          )}
        </PushWatch>
      ) : model.latest_version ? (
        <LatestVersion model={model} form={form} origin={origin} pushing={null} gpu={gpu} />
      ) : (
        <EmptyState title="No versions yet">
          <p>{model.owner} has not pushed a version yet, so there is nothing to run.</p>
        </EmptyState>
      )}
      {estimate && !form.trains_only && <RunCosts estimate={estimate} hardware={hardware} />}
      <Readme model={model} html={readme} mine={mine} />
      <p className="mt-10 text-sm text-muted">
        Created <Time iso={model.created_at} />, updated <Time iso={page.updated_at} />
      </p>
    </>
  )
}

/** Whether a cookie says that Docker and Cog are installed. */
async function hasTools(): Promise<boolean> {
  const jar = await cookies()
  return (jar.get(`__Host-${toolsPreference}`) ?? jar.get(toolsPreference)) !== undefined
}
