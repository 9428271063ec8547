import { trafficOf } from "@/lib/deployments/traffic"
import { respondWithJson } from "@/lib/next/respond"

/** What an account ran of a model lately, for the estimate of the create form. */
export async function GET(request: Request): Promise<Response> {
  const query = new URL(request.url).searchParams
  return respondWithJson((actor) =>
    trafficOf(actor, { owner: query.get("owner") ?? "", model: query.get("model") ?? "" }),
  )
}
