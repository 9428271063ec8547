import { Readable } from "node:stream"

import { exportBatch } from "@/lib/batches/batch"
import { currentActor } from "@/lib/next/session"
import { nullIfUnavailable, currentOrigin } from "@/lib/next/page"

type Context = { params: Promise<{ id: string }> }

/** The results of a batch as JSON Lines, in the order of its inputs. */
export async function GET(_request: Request, { params }: Context): Promise<Response> {
  const { id } = await params
  const actor = await currentActor()
  if (!actor) return new Response(null, { status: 307, headers: { location: "/signin?next=/batches" } })
  const lines = await nullIfUnavailable(exportBatch(actor, id, await currentOrigin()))
  if (!lines) return new Response(null, { status: 404 })
  const body = Readable.toWeb(Readable.from(lines).map((line: string) => Buffer.from(line)))
  return new Response(body as ReadableStream<Uint8Array>, {
    headers: {
      "content-type": "application/jsonl; charset=utf-8",
      "content-disposition": `attachment; filename="batch-${id.slice(0, 12)}.jsonl"`,
      "cache-control": "no-store",
    },
  })
}
