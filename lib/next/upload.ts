import "server-only"

import { requireSameOrigin } from "./action"
import { fileIn } from "./form-file"

/**
 * The file of a form posted from our pages; see `fileIn`. Check the sender's rights first, because reading a form
 * takes time.
 */
export async function receiveFile(request: Request, field: string, limit: number, complaint: string): Promise<Buffer> {
  await requireSameOrigin()
  return fileIn(request, field, limit, complaint)
}
