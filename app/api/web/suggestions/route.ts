import { respondToAnyone } from "@/lib/next/fetch"
import { suggestModels } from "@/lib/models/explore"

/** What the command palette asks while somebody types: the models that they may see, by name. */
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
