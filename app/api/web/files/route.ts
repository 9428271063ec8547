import { Readable } from "node:stream"
import type { ReadableStream } from "node:stream/web"

import { respondWithJson } from "@/lib/next/respond"
import { requireSameOrigin } from "@/lib/next/action"
import { currentOrigin } from "@/lib/next/page"
import { uploadFile } from "@/lib/files/file"
import { presentFile } from "@/lib/files/present"

/** Stores the request body as a file for the input of a prediction, and returns its URL. */
export const POST = (request: Request): Promise<Response> =>
  respondWithJson(async (actor) => {
    await requireSameOrigin()
    const { searchParams } = new URL(request.url)
    const body = request.body ? Readable.fromWeb(request.body as ReadableStream) : Readable.from([])
    const file = await uploadFile(actor, body, async () => ({
      filename: searchParams.get("filename") ?? "file",
      type: searchParams.get("type") ?? "",
      metadata: {},
    }))
    return { url: presentFile(file, actor.username, await currentOrigin()).urls.get }
  })
