import { currentActor } from "@/lib/next/session"
import { nullIfUnavailable } from "@/lib/next/page"
import { getCover } from "@/lib/models/cover"
import { asProblem } from "@/lib/problem"

type Context = { params: Promise<{ owner: string; name: string; file: string }> }

/**
 * Serves a cover image. Its URL changes with its content, so it is cached forever; covers of private models only by
 * browsers.
 */
export async function GET(_request: Request, { params }: Context): Promise<Response> {
  const { owner, name, file } = await params
  const cover = await nullIfUnavailable(getCover(await currentActor(), owner, name, file)).catch(awayOrThrow)
  if (typeof cover === "number" || !cover)
    return new Response(null, { status: cover ?? 404, headers: { "cache-control": "no-store" } })
  return new Response(new Uint8Array(cover.picture), {
    headers: {
      "content-type": "image/webp",
      "content-length": String(cover.picture.length),
      "cache-control": `${cover.visibility}, max-age=31536000, immutable`,
      "x-content-type-options": "nosniff",
      "content-security-policy": "default-src 'none'; sandbox",
    },
  })
}

/** Returns 503 if the bucket is unavailable; throws any other error. */
function awayOrThrow(error: unknown): 503 {
  if (asProblem(error).kind !== "unavailable") throw error
  return 503
}
