import type { IncomingMessage } from "node:http"

import { problem } from "@/lib/problem"

/** The declared length of a body; undefined if it is chunked. */
export function lengthOf({ headers }: IncomingMessage): number | undefined {
  if (headers["content-length"] !== undefined) return Number(headers["content-length"])
  return headers["transfer-encoding"] === undefined ? 0 : undefined
}

/** The declared start of a chunk, from `0-99` or `bytes 0-99/*`; undefined if not declared. */
export function startOf(range: string | undefined, length: number | undefined): number | undefined {
  if (range === undefined || length === 0) return undefined
  const [, start, end] = /^(?:bytes[ =])?(\d+)-(\d+)(?:\/.*)?$/.exec(range.trim()) ?? []
  if (start === undefined || end === undefined)
    throw sizeInvalid(`The Content-Range "${range.slice(0, 100)}" must look like 0-99.`)
  if (length !== undefined && Number(end) - Number(start) + 1 !== length)
    throw sizeInvalid(`The Content-Range ${range} does not match the ${length} bytes sent.`)
  return Number(start)
}

/** Reads a small body. Throws `tooLarge` beyond the limit. */
export async function wholeBody(request: IncomingMessage, limit: number): Promise<Buffer> {
  const tooLarge = () => problem("tooLarge", `A manifest has at most ${limit / 1024 / 1024} MB.`)
  if ((lengthOf(request) ?? 0) > limit) throw tooLarge()
  const chunks: Buffer[] = []
  let size = 0
  // The rest is read and dropped: destroying the request would end the connection before the client reads the error.
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > limit) throw tooLarge()
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

const sizeInvalid = (detail: string) => problem("invalid", detail, { size: detail })
