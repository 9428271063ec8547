import { checkDeploymentName } from "@/lib/deployments/availability"
import { respondWithJson } from "@/lib/next/respond"

/** Availability of a deployment's name, for the create form. */
export async function GET(request: Request): Promise<Response> {
  const query = new URL(request.url).searchParams
  return respondWithJson((actor) =>
    checkDeploymentName(actor, { owner: query.get("owner") ?? "", name: query.get("name") ?? "" }),
  )
}
