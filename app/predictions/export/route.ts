import { Readable } from "node:stream"

import { currentActor } from "@/lib/next/session"
import { param, currentOrigin } from "@/lib/next/page"
import { exportPredictions } from "@/lib/predictions/history"
import { accountsOf, historyFilter } from "../filter"

/** Exports the filtered predictions as JSON Lines. */
export async function GET(request: Request): Promise<Response> {
  const actor = await currentActor()
  if (!actor) return new Response(null, { status: 307, headers: { location: "/signin?next=/predictions" } })
  const query = Object.fromEntries(new URL(request.url).searchParams)
  const account = (await accountsOf(actor)).find(
    ({ username }) => username === (param(query.account) ?? actor.username),
  )
  if (!account) return new Response(null, { status: 404 })
  const lines = await exportPredictions(actor, historyFilter(query).filter, account, await currentOrigin())
  const body = Readable.toWeb(Readable.from(lines).map((line: string) => Buffer.from(line)))
  return new Response(body as ReadableStream<Uint8Array>, {
    headers: {
      "content-type": "application/jsonl; charset=utf-8",
      "content-disposition": `attachment; filename="predictions-of-${account.username}.jsonl"`,
      "cache-control": "no-store",
    },
  })
}
