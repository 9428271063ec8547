import { respondWithJson } from "@/lib/next/respond"
import { checkAvailability } from "@/lib/models/availability"

/** Availability of a model name, for the create page. */
export async function GET(request: Request): Promise<Response> {
  const query = new URL(request.url).searchParams
  return respondWithJson((actor) =>
    checkAvailability(actor, { owner: query.get("owner") ?? "", name: query.get("name") ?? "" }),
  )
}
