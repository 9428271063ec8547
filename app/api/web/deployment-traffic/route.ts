import { trafficOf } from "@/lib/deployments/traffic"
import { respondWithJson } from "@/lib/next/respond"

/** An account's recent traffic to a model, for the estimate in the create form. */
export async function GET(request: Request): Promise<Response> {
  const query = new URL(request.url).searchParams
  return respondWithJson((actor) =>
    trafficOf(actor, { owner: query.get("owner") ?? "", model: query.get("model") ?? "" }),
  )
}
