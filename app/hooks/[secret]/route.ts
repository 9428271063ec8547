import { nullIfUnavailable } from "@/lib/next/page"
import { receive } from "@/lib/webhooks/sink"

type Context = { params: Promise<{ secret: string }> }

/** Bytes; larger bodies are rejected. */
const most = 1024 * 1024

/** Receives a webhook at a sink, for its account to look at. */
export async function POST(request: Request, { params }: Context): Promise<Response> {
  const { secret } = await params
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of request.body ?? []) {
    size += chunk.length
    if (size > most) return new Response("Too large", { status: 413 })
    chunks.push(chunk)
  }
  const body = Buffer.concat(chunks).toString()
  const kept = await nullIfUnavailable(receive(secret, Object.fromEntries(request.headers), body).then(() => true))
  return new Response(null, { status: kept ? 204 : 404 })
}
