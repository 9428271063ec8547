import "server-only"

import { permanentRedirect } from "next/navigation"
import { cache } from "react"

import { currentActor } from "@/lib/next/session"
import { nullIfMissing, siteOrigin } from "@/lib/next/page"
import { listHardware } from "@/lib/hardware/hardware"
import { getModel } from "@/lib/models/model"
import { getReadmeHtml } from "@/lib/models/readme"
import { canEdit, canManage } from "@/lib/models/policy"
import { presentModel, type ModelBody } from "@/lib/models/present"
import { noForm, type Form } from "@/lib/versions/form"
import { getForm } from "@/lib/versions/version"

/**
 * What every part of a model's page needs, asked once a request; null for what the viewer may not see. A name that the model
 * had before leads for good to the same part of its present page.
 */
export const loadModelPage = cache(async (owner: string, name: string, part: "" | `/${string}` = "") => {
  const actor = await currentActor()
  const model = await nullIfMissing(getModel(actor, owner, name))
  if (!model) return null
  if (model.owner !== owner || model.name !== name) permanentRedirect(`/${model.owner}/${model.name}${part}`)
  const row = (await listHardware()).find(({ sku }) => sku === model.hardware)
  const origin = await siteOrigin()
  return {
    model: presentModel(model, origin),
    hardware: row ? { sku: row.sku, name: row.name, gpus: row.gpus } : null,
    /** May change what it says and runs on; and its name, its owner and who sees it. */
    mine: canEdit(actor, model),
    manages: canManage(actor, model),
    /** Whether anybody ever took an image of it from the registry. */
    pulled: model.pulled_at !== null,
    viewer: actor?.username ?? null,
    origin,
  }
})

/** The README as HTML. */
export const readmeOf = async (owner: string, name: string): Promise<string | null> =>
  nullIfMissing(getReadmeHtml(await currentActor(), owner, name))

/** What the version that was pushed last takes and gives. */
export async function latestForm({ owner, name, latest_version }: ModelBody): Promise<Form> {
  if (!latest_version) return noForm
  return (await nullIfMissing(getForm(await currentActor(), owner, name, latest_version.id))) ?? noForm
}
