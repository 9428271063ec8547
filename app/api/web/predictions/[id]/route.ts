import { requireSameOrigin } from "@/lib/next/action"
import { respondToAnyone, respondWithJson } from "@/lib/next/respond"
import { currentOrigin } from "@/lib/next/page"
import { cancelPrediction, getPrediction } from "@/lib/predictions/prediction"
import { presentPrediction } from "@/lib/predictions/present"
import { findProgress } from "@/lib/predictions/progress"
import { presentSince } from "@/lib/predictions/since"

type Context = { params: Promise<{ id: string }> }

/**
 * The state and progress of a prediction, for the pages that show it. With `seen`, only what has changed since; with
 * `whole`, the prediction as the API returns it.
 */
export const GET = async (request: Request, { params }: Context): Promise<Response> =>
  respondToAnyone(async (actor) => {
    const { id } = await params
    const query = new URL(request.url).searchParams
    const prediction = await getPrediction(actor, id)
    if (query.has("whole")) return presentPrediction(prediction, await currentOrigin())
    const progress = await findProgress(actor, prediction)
    return presentSince(
      { prediction: presentPrediction(prediction, await currentOrigin()), progress },
      query.get("seen"),
    )
  })

/** Cancels a prediction. */
export const DELETE = async (_request: Request, { params }: Context): Promise<Response> =>
  respondWithJson(async (actor) => {
    await requireSameOrigin()
    const { id } = await params
    return presentPrediction(await cancelPrediction(actor, id), await currentOrigin())
  })
