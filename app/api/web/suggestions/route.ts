import { respondToAnyone } from "@/lib/next/respond"
import { suggestModels } from "@/lib/models/explore"

/** Models the viewer may see, by name, for the command palette. */
export async function GET(request: Request): Promise<Response> {
  const words = new URL(request.url).searchParams.get("q") ?? ""
  return respondToAnyone(async (actor) =>
    (await suggestModels(actor, words.slice(0, 200))).map(({ owner, name, description, visibility }) => ({
      owner,
      name,
      description,
      visibility,
    })),
  )
}
