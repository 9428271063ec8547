import { Readable } from "node:stream"

import { currentActor } from "@/lib/next/session"
import { currentOrigin } from "@/lib/next/page"
import { exportAccount } from "@/lib/accounts/export"

/** The signed-in account's data as a file. */
export async function GET(): Promise<Response> {
  const actor = await currentActor()
  if (!actor) return new Response(null, { status: 307, headers: { location: "/signin?next=/account" } })
  const pieces = await exportAccount(actor, await currentOrigin())
  const body = Readable.toWeb(Readable.from(pieces).map((piece: string) => Buffer.from(piece)))
  return new Response(body as ReadableStream<Uint8Array>, {
    headers: {
      "content-type": "application/json; charset=utf-8",
      "content-disposition": `attachment; filename="${actor.username}.json"`,
      "cache-control": "no-store",
    },
  })
}
