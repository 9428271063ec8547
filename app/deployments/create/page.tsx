import type { Metadata } from "next"

import { IgnoredLinkNotice } from "@/components/ignored-link-notice"
import { PageHeader } from "@/components/ui/page-header"
import { may } from "@/lib/access/policy"
import { trafficOf } from "@/lib/deployments/traffic"
import { requireActor } from "@/lib/next/action"
import { newFormKey, param, currentOrigin } from "@/lib/next/page"
import { ownerChoices } from "@/lib/organizations/organization"
import { createFields, type CreateValues } from "../fields"
import { hardwareChoices } from "../load"
import { CreateDeploymentForm } from "./create-deployment-form"

export const metadata: Metadata = { title: "Create a deployment", robots: { index: false } }

type Props = { searchParams: Promise<Record<string, string | string[] | undefined>> }

export default async function CreateDeploymentPage({ searchParams }: Props) {
  const query = await searchParams
  const asked = Object.fromEntries(
    createFields.map((field) => [field, (param(query[field]) ?? "").slice(0, 300)]),
  ) as CreateValues
  const kept = new URLSearchParams(Object.entries(asked).filter(([, text]) => text !== ""))
  const actor = await requireActor(kept.size ? `/deployments/create?${kept}` : "/deployments/create")
  const owners = (await ownerChoices(actor))
    .filter(({ owner }) => may(actor, "deploy", owner.id))
    .map(({ owner }) => owner.username)
  const hardware = await hardwareChoices()
  const usual = hardware.find(({ missing }) => !missing) ?? hardware[0]
  const notes: string[] = []
  const chosen = (wanted: string, offered: string[], otherwise: string, note: string) => {
    if (wanted && !offered.includes(wanted)) notes.push(note)
    return offered.includes(wanted) ? wanted : otherwise
  }
  const values = {
    ...asked,
    owner: chosen(
      asked.owner,
      owners,
      owners[0] ?? "",
      `You cannot create deployments for “${shortened(asked.owner)}”. Your account is selected instead.`,
    ),
    hardware: chosen(
      asked.hardware,
      hardware.map(({ sku }) => sku),
      usual?.sku ?? "",
      `There is no hardware named “${shortened(asked.hardware)}”.`,
    ),
    version: asked.version || "latest",
    min_instances: asked.min_instances || "0",
    max_instances: asked.max_instances || "3",
  }
  return (
    <>
      <PageHeader
        title="Create a deployment"
        lead="A fixed endpoint that runs one version on instances of its own. What it runs can be changed without touching your code."
        className="mb-8"
      />
      <IgnoredLinkNotice notes={notes} />
      <CreateDeploymentForm
        account={actor.username}
        formKey={await newFormKey()}
        owners={owners}
        hardware={hardware}
        values={values}
        prefilled={createFields.some((field) => field !== "owner" && asked[field] !== "")}
        askedOwner={asked.owner === values.owner ? values.owner : null}
        traffic={values.owner ? await trafficOf(actor, values) : null}
        origin={await currentOrigin()}
      />
    </>
  )
}

const shortened = (text: string) => (text.length > 60 ? `${text.slice(0, 60)}…` : text)
