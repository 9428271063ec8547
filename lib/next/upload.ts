import "server-only"

import { requireSameOrigin } from "./action"
import { fileIn } from "./form-file"

/**
 * The file of a form that was posted from our pages; see `fileIn`. Ask before whether the sender may: a form is long, and reading it takes time.
 */
export async function receiveFile(request: Request, field: string, limit: number, complaint: string): Promise<Buffer> {
  await requireSameOrigin()
  return fileIn(request, field, limit, complaint)
}
