import { randomUUID } from "node:crypto"
import type { Metadata } from "next"
import Link from "next/link"

import { NothingHere, nothingHere } from "@/app/nothing-here"
import { TrainingList } from "@/app/trainings/training-list"
import { controlOf, textFor, wholeInput } from "@/components/run/read-input"
import { EmptyState } from "@/components/ui/empty-state"
import { listHardware } from "@/lib/hardware/hardware"
import { param } from "@/lib/next/page"
import { currentActor } from "@/lib/next/session"
import { ownerChoices } from "@/lib/organizations/organization"
import { presentOwnerChoice } from "@/lib/organizations/present"
import { listDestinations } from "@/lib/trainings/destinations"
import { listTrainings } from "@/lib/trainings/training"
import { latestForm, loadModelPage } from "../load-model-page"
import { ModelHeader } from "../model-header"
import { ModelTabs } from "../model-tabs"
import { TrainForm } from "./train-form"

type Props = {
  params: Promise<{ owner: string; name: string }>
  searchParams: Promise<Record<string, string | string[] | undefined>>
}

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { owner, name } = await params
  const page = await loadModelPage(owner, name, "/train")
  if (!page) return nothingHere
  return {
    title: `Train · ${page.model.owner}/${page.model.name}`,
    robots: page.model.visibility === "private" ? { index: false } : undefined,
  }
}

export default async function TrainPage({ params, searchParams }: Props) {
  const { owner, name } = await params
  const page = await loadModelPage(owner, name, "/train")
  if (!page) return <NothingHere />
  const { model, hardware, mine, trains, origin } = page
  const base = `/${owner}/${name}`
  const version = model.latest_version
  const { training, too_large } = await latestForm(model)
  const actor = await currentActor()
  const tabs = { base, hasVersions: version !== null, trains, mine }
  if (!version || !training)
    return (
      <>
        <ModelHeader model={model} hardware={hardware} />
        <ModelTabs {...tabs} current="train" />
        <EmptyState title="This model cannot be trained">
          <p>
            <span>Its latest version has no train function. </span>
            <Link href={base} className="link">
              About the model
            </Link>
          </p>
        </EmptyState>
      </>
    )

  const price = (await listHardware()).find(({ sku }) => sku === hardware?.sku)?.usd_per_second
  const destinations = actor ? await listDestinations(actor) : []
  const owners = actor ? (await ownerChoices(actor)).map(presentOwnerChoice) : []
  const asked = param((await searchParams).destination) ?? ""
  const trainings = actor ? await listTrainings(actor, undefined, { model: `${owner}/${name}` }, undefined, 5) : null
  return (
    <>
      <ModelHeader model={model} hardware={hardware} />
      <ModelTabs {...tabs} current="train" />
      <TrainForm
        trainer={{ owner, name, version: version.id }}
        form={{ inputs: training.inputs, too_large }}
        hardware={hardware && price !== undefined ? { ...hardware, usd_per_second: price } : null}
        destinations={destinations}
        owners={owners}
        account={actor?.username ?? ""}
        values={{
          kind: destinations.length > 0 ? "existing" : "new",
          existing: destinations.includes(asked) ? asked : (destinations[0] ?? ""),
          owner: owners.find(({ refused }) => refused === null)?.username ?? "",
          name: "",
          visibility: "private",
          cost_limit_usd: "",
          ...(too_large
            ? { [wholeInput]: "{}" }
            : Object.fromEntries(
                training.inputs.map((field) => [controlOf(field.name), textFor(field, parsed(field.default))]),
              )),
        }}
        formKey={randomUUID()}
        signIn={actor ? null : `/signin?next=${encodeURIComponent(`${base}/train`)}`}
        origin={origin}
      />
      {trainings && trainings.rows.length > 0 && (
        <section aria-labelledby="history" className="mt-14">
          <h2 id="history" className="mb-4">
            Your trainings of this model
          </h2>
          <TrainingList trainings={trainings.rows} />
          <p className="mt-3">
            <Link href="/trainings" className="link text-sm">
              All your trainings
            </Link>
          </p>
        </section>
      )}
    </>
  )
}

function parsed(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : JSON.parse(text)
  } catch {
    return undefined
  }
}
