import { requireSameOrigin } from "@/lib/next/action"
import { respondToAnyone, respondWithJson } from "@/lib/next/fetch"
import { siteOrigin } from "@/lib/next/page"
import { cancelPrediction, getPrediction } from "@/lib/predictions/prediction"
import { presentPrediction } from "@/lib/predictions/present"
import { findProgress } from "@/lib/predictions/progress"

type Context = { params: Promise<{ id: string }> }

/** A prediction as it is now and how far it is, for the pages that show it. */
export const GET = async (_request: Request, { params }: Context): Promise<Response> =>
  respondToAnyone(async (actor) => {
    const { id } = await params
    const prediction = await getPrediction(actor, id)
    return {
      prediction: presentPrediction(prediction, await siteOrigin()),
      progress: await findProgress(actor, prediction),
    }
  })

/** Cancels a prediction. */
export const DELETE = async (_request: Request, { params }: Context): Promise<Response> =>
  respondWithJson(async (actor) => {
    await requireSameOrigin()
    const { id } = await params
    return presentPrediction(await cancelPrediction(actor, id), await siteOrigin())
  })
