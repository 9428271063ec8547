import { respondToAnyone } from "@/lib/next/fetch"
import { siteOrigin } from "@/lib/next/page"
import { getPrediction } from "@/lib/predictions/prediction"
import { presentPrediction } from "@/lib/predictions/present"

type Context = { params: Promise<{ id: string }> }

/** A prediction as it is now, for the pages that show it. */
export const GET = async (_request: Request, { params }: Context): Promise<Response> =>
  respondToAnyone(async (actor) => {
    const { id } = await params
    return presentPrediction(await getPrediction(actor, id), await siteOrigin())
  })
