import { currentActor } from "@/lib/next/session"
import { nullIfUnavailable } from "@/lib/next/page"
import { getTypes, typesHeaders } from "@/lib/versions/types"

type Context = { params: Promise<{ owner: string; name: string; id: string; language: string }> }

/** The types of a version, as a file. */
export async function GET(_request: Request, { params }: Context): Promise<Response> {
  const { owner, name, id, language } = await params
  const file = await nullIfUnavailable(getTypes(await currentActor(), owner, name, id, language))
  if (!file) return new Response(null, { status: 404, headers: { "cache-control": "no-store" } })
  return new Response(file.text, { headers: { ...typesHeaders(file), "x-content-type-options": "nosniff" } })
}
