import type { IncomingMessage } from "node:http"

import { problem } from "@/lib/problem"

/** How long a body says it is; undefined when it comes in chunks. */
export function lengthOf({ headers }: IncomingMessage): number | undefined {
  if (headers["content-length"] !== undefined) return Number(headers["content-length"])
  return headers["transfer-encoding"] === undefined ? 0 : undefined
}

/** Where a chunk says it begins, as `0-99` or `bytes 0-99/*`; undefined when it does not say. */
export function startOf(range: string | undefined, length: number | undefined): number | undefined {
  if (range === undefined || length === 0) return undefined
  const [, start, end] = /^(?:bytes[ =])?(\d+)-(\d+)(?:\/.*)?$/.exec(range.trim()) ?? []
  if (start === undefined || end === undefined)
    throw sizeInvalid(`The Content-Range "${range.slice(0, 100)}" is not one like 0-99.`)
  if (length !== undefined && Number(end) - Number(start) + 1 !== length)
    throw sizeInvalid(`The Content-Range ${range} is not as long as the ${length} bytes that come with it.`)
  return Number(start)
}

/** A body that is small by nature. Throws `tooLarge` for another one. */
export async function wholeBody(request: IncomingMessage, limit: number): Promise<Buffer> {
  const tooLarge = () => problem("tooLarge", `A manifest has at most ${limit / 1024 / 1024} MB.`)
  if ((lengthOf(request) ?? 0) > limit) throw tooLarge()
  const chunks: Buffer[] = []
  let size = 0
  // Whoever sends too much is to read so: a request that is broken off takes its connection along.
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > limit) throw tooLarge()
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

const sizeInvalid = (detail: string) => problem("invalid", detail, { size: detail })
