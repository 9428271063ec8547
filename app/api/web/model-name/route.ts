import { respondWithJson } from "@/lib/next/fetch"
import { checkAvailability } from "@/lib/models/availability"

/** What the create page asks while a name is typed. */
export async function GET(request: Request): Promise<Response> {
  const query = new URL(request.url).searchParams
  return respondWithJson((actor) =>
    checkAvailability(actor, { owner: query.get("owner") ?? "", name: query.get("name") ?? "" }),
  )
}
