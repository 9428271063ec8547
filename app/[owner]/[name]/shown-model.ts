import "server-only"

import { cache } from "react"

import { currentActor } from "@/lib/auth/session"
import { orNull, siteOrigin } from "@/lib/doors/page"
import { listHardware } from "@/lib/hardware/hardware"
import { getModel } from "@/lib/models/model"
import { canEdit } from "@/lib/models/policy"
import { presentModel } from "@/lib/models/present"

/** What every part of a model's page needs, asked once a request; null for what the viewer may not see. */
export const shownModel = cache(async (owner: string, name: string) => {
  const actor = await currentActor()
  const model = await orNull(getModel(actor, owner, name))
  if (!model) return null
  const row = (await listHardware()).find(({ sku }) => sku === model.hardware)
  const origin = await siteOrigin()
  return {
    model: presentModel(model, origin),
    hardware: row ? { sku: row.sku, name: row.name, gpus: row.gpus } : null,
    mine: canEdit(actor, model),
    viewer: actor?.username ?? null,
    origin,
  }
})
