import type { Metadata } from "next"

import { IgnoredLinkNotice } from "@/components/ignored-link-notice"
import { PageHeader } from "@/components/ui/page-header"
import { requireActor } from "@/lib/next/action"
import { newFormKey, param, currentOrigin } from "@/lib/next/page"
import { currentOffers, isOffered } from "@/lib/runners/offers"
import { unavailableReason, listHardware } from "@/lib/hardware/hardware"
import { ownerChoices } from "@/lib/organizations/organization"
import { presentOwnerChoice } from "@/lib/organizations/present"
import { createModelFields } from "@/lib/models/fields"
import { CreateForm } from "./create-form"
import { prefill } from "./prefill"

export const metadata: Metadata = { title: "Create a model" }

type Props = { searchParams: Promise<Record<string, string | string[] | undefined>> }

export default async function CreatePage({ searchParams }: Props) {
  const query = await searchParams
  const actor = await requireActor(here(query))
  const owners = (await ownerChoices(actor)).map(presentOwnerChoice)
  const offers = await currentOffers()
  const hardware = (await listHardware()).map(
    ({ sku, name, usd_per_second, gpus, cpus, gpu_ram_gb, ram_gb, ...row }) => ({
      sku,
      name,
      usd_per_second,
      gpus,
      cpus,
      gpu_ram_gb,
      ram_gb,
      reason: unavailableReason(row),
      offered: isOffered(offers, sku),
    }),
  )
  const open = hardware.filter((row) => row.reason === null)
  const goodStart = (open.find((row) => row.gpus > 0) ?? open[0])?.sku ?? ""
  const { values, notes, fields } = prefill(query, { owners, hardware, preferredHardware: goodStart })

  return (
    <>
      <PageHeader title="Create a model" lead="Choose a name and hardware now; push your code next." className="mb-8" />
      <IgnoredLinkNotice notes={notes} />
      <CreateForm
        account={actor.username}
        owners={owners}
        hardware={hardware}
        goodStart={goodStart}
        values={values}
        fields={fields}
        prefilled={createModelFields.some((field) => field !== "owner" && param(query[field]))}
        askedOwner={param(query.owner) === values.owner ? values.owner : null}
        formKey={await newFormKey()}
        origin={await currentOrigin()}
      />
    </>
  )
}

/** The path of this page with its prefilled values, to return to after sign-in. */
function here(query: Record<string, string | string[] | undefined>) {
  const kept = new URLSearchParams()
  for (const field of createModelFields) {
    const value = param(query[field])
    if (value) kept.set(field, value)
  }
  return kept.size ? `/create?${kept}` : "/create"
}
