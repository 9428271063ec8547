import { startUpload } from "@/lib/files/resumable"
import type { NewUpload } from "@/lib/files/schema"
import { requireSameOrigin } from "@/lib/next/action"
import { respondWithJson } from "@/lib/next/respond"
import { problem } from "@/lib/problem"

/** Begins the upload of a large file, which arrives in parts. */
export const POST = (request: Request): Promise<Response> =>
  respondWithJson(async (actor) => {
    await requireSameOrigin()
    const body: unknown = await request.json().catch(() => {
      throw problem("unreadable", "The request body is not valid JSON.")
    })
    return { id: await startUpload(actor, body as NewUpload) }
  })
