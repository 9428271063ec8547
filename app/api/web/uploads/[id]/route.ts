import { Readable } from "node:stream"
import type { ReadableStream } from "node:stream/web"

import { presentFile } from "@/lib/files/present"
import { appendPart, cancelUpload, finishUpload, uploadedBytes } from "@/lib/files/resumable"
import { requireSameOrigin } from "@/lib/next/action"
import { respondWithJson } from "@/lib/next/respond"
import { currentOrigin } from "@/lib/next/page"
import { invalid } from "@/lib/problem"

type Context = { params: Promise<{ id: string }> }

/** Responds with the number of bytes of an upload that have arrived. */
export const GET = (_request: Request, { params }: Context): Promise<Response> =>
  respondWithJson(async (actor) => ({ arrived: await uploadedBytes(actor, (await params).id) }))

/** Appends the request body to an upload at the byte `start`. */
export const PATCH = (request: Request, { params }: Context): Promise<Response> =>
  respondWithJson(async (actor) => {
    await requireSameOrigin()
    const start = Number(new URL(request.url).searchParams.get("start") ?? "")
    if (!Number.isSafeInteger(start) || start < 0) throw invalid({ start: "Say at which byte the part starts." })
    const body = request.body ? Readable.fromWeb(request.body as ReadableStream) : Readable.from([])
    return { arrived: await appendPart(actor, (await params).id, start, body) }
  })

/** Turns a complete upload into a file, and returns its URL. */
export const POST = (_request: Request, { params }: Context): Promise<Response> =>
  respondWithJson(async (actor) => {
    await requireSameOrigin()
    const file = await finishUpload(actor, (await params).id)
    return { url: presentFile(file, actor.username, await currentOrigin()).urls.get }
  })

/** Cancels an upload. */
export const DELETE = (_request: Request, { params }: Context): Promise<Response> =>
  respondWithJson(async (actor) => {
    await requireSameOrigin()
    await cancelUpload(actor, (await params).id)
    return {}
  })
