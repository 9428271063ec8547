import "server-only"

import { requireSameOrigin } from "./action"
import { problem } from "@/lib/problem"

/** What a form adds around a file of its own. */
const envelope = 64 * 1024

/** The one file of a form that was posted from our pages; empty when none was chosen. Throws `tooLarge` without reading on, with `complaint`. */
export async function receiveFile(request: Request, field: string, limit: number, complaint: string): Promise<Buffer> {
  await requireSameOrigin()
  const refusal = () => problem("tooLarge", complaint, { [field]: complaint })
  if (Number(request.headers.get("content-length")) > limit + envelope) throw refusal()

  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of request.body ?? []) {
    size += chunk.length
    if (size > limit + envelope) throw refusal()
    chunks.push(chunk)
  }
  const headers = { "content-type": request.headers.get("content-type") ?? "" }
  const form = await new Response(Buffer.concat(chunks), { headers }).formData().catch(() => {
    throw problem("unreadable", "The form could not be read. Reload the page and try again.")
  })
  const file = form.get(field)
  return file instanceof File ? Buffer.from(await file.arrayBuffer()) : Buffer.alloc(0)
}
