import { problem } from "@/lib/problem"

/** The overhead of a multipart form. */
const envelope = 64 * 1024
/** The maximum number of fields, including the file. */
const maxParts = 20

/**
 * The file of a multipart form; empty if none was chosen. Throws `tooLarge` with `complaint`, without reading on, and
 * `unreadable`.
 */
export async function fileIn(request: Request, field: string, limit: number, complaint: string): Promise<Buffer> {
  const refusal = () => problem("tooLarge", complaint, { [field]: complaint })
  if (Number(request.headers.get("content-length")) > limit + envelope) throw refusal()

  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of request.body ?? []) {
    size += chunk.length
    if (size > limit + envelope) throw refusal()
    chunks.push(chunk)
  }
  const body = Buffer.concat(chunks)
  const type = request.headers.get("content-type") ?? ""
  if (hasManyParts(body, type)) throw unreadable()
  const form = await new Response(body, { headers: { "content-type": type } }).formData().catch(() => {
    throw unreadable()
  })
  const file = form.get(field)
  return file instanceof File ? Buffer.from(await file.arrayBuffer()) : Buffer.alloc(0)
}

const unreadable = () => problem("unreadable", "The form could not be read. Reload the page and try again.")

/** Parsing a hundred thousand parts takes seconds; counting their separators does not. */
function hasManyParts(body: Buffer, type: string): boolean {
  const [, quoted, bare] = /boundary=(?:"([^"]+)"|([^;\s]+))/i.exec(type) ?? []
  const boundary = `--${quoted ?? bare ?? ""}`
  let parts = 0
  for (let at = body.indexOf(boundary); at >= 0; at = body.indexOf(boundary, at + boundary.length))
    if (++parts > maxParts) return true
  return false
}
