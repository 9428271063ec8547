import "server-only"

import { permanentRedirect } from "next/navigation"
import { cache } from "react"

import { currentActor } from "@/lib/next/session"
import { nullIfUnavailable, currentOrigin } from "@/lib/next/page"
import { listHardware } from "@/lib/hardware/hardware"
import { getModel } from "@/lib/models/model"
import { may } from "@/lib/access/policy"
import { rolesWith } from "@/lib/access/require"
import { getReadmeHtml } from "@/lib/models/readme"
import { canEdit, canManage } from "@/lib/models/policy"
import { presentModelSummary, type ModelSummary } from "@/lib/models/present"
import { hasPushToken } from "@/lib/registry/push-token"
import { estimateRun, type Estimate } from "@/lib/predictions/estimate"
import { noForm, type Form } from "@/lib/versions/form"
import { getForm } from "@/lib/versions/version"

/**
 * What every page of a model needs, loaded once per request; null if the viewer may not see the model. Former names
 * redirect to the same page (`part`) under the current name.
 */
export const loadModelPage = cache(async (owner: string, name: string, part: "" | `/${string}` = "") => {
  const actor = await currentActor()
  const model = await nullIfUnavailable(getModel(actor, owner, name))
  if (!model) return null
  if (model.owner !== owner || model.name !== name) permanentRedirect(`/${model.owner}/${model.name}${part}`)
  const row = (await listHardware()).find(({ sku }) => sku === model.hardware)
  const origin = await currentOrigin()
  const summary = presentModelSummary(model, origin)
  return {
    model: summary,
    /** When its details or its latest version last changed. */
    updated_at: [model.updated_at, summary.latest_version?.created_at ?? ""].toSorted().at(-1)!,
    /** Whether the latest version can be trained. */
    trains: (await latestForm(summary)).training !== null,
    hardware: row ? { sku: row.sku, name: row.name, gpus: row.gpus } : null,
    /** `mine`: the viewer may edit the model; `manages`: they may rename, transfer and delete it. */
    mine: canEdit(actor, model),
    manages: canManage(actor, model),
    /** What the viewer needs to know to push; null if they may not. */
    pushing: canEdit(actor, model)
      ? {
          own: actor?.owner_id === model.owner_id,
          /** Whether anybody has pulled an image of the model. */
          pulled: model.pulled_at !== null,
          hasToken: await hasPushToken(model),
          refused: may(actor, "tokens", model.owner_id)
            ? null
            : `Only ${rolesWith("tokens")} of ${model.owner} can create its tokens. Ask one of them.`,
        }
      : null,
    viewer: actor?.username ?? null,
    origin,
  }
})

type ModelPage = NonNullable<Awaited<ReturnType<typeof loadModelPage>>>

/** What the viewer needs to know to push to a model. */
export type Pushing = NonNullable<ModelPage["pushing"]>

/** The estimate for a run of the latest version; null if there is no version. */
export const latestEstimate = cache(async (owner: string, name: string): Promise<Estimate | null> => {
  const page = await loadModelPage(owner, name)
  const version = page?.model.latest_version
  return version ? nullIfUnavailable(estimateRun(await currentActor(), owner, name, version.id)) : null
})

/** The README as HTML. */
export const readmeOf = async (owner: string, name: string): Promise<string | null> =>
  nullIfUnavailable(getReadmeHtml(await currentActor(), owner, name))

/** Inputs and outputs of the latest version. */
export const latestForm = ({ owner, name, latest_version }: ModelSummary): Promise<Form> =>
  latest_version ? formOf(owner, name, latest_version.id) : Promise.resolve(noForm)

/** Cached for the request. */
const formOf = cache(
  async (owner: string, name: string, version: string): Promise<Form> =>
    (await nullIfUnavailable(getForm(await currentActor(), owner, name, version))) ?? noForm,
)
