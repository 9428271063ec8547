import type { FastifyReply, FastifyRequest } from "fastify"

/**
 * Discards the rest of a request body and keeps the connection open meanwhile, even if the client asked to close it:
 * clients read a response only after they have sent the whole body. server.mjs limits how long this takes.
 */
export function drainBody({ raw }: FastifyRequest, reply: FastifyReply): void {
  const { headers } = raw
  if (raw.complete || (headers["transfer-encoding"] === undefined && !(Number(headers["content-length"]) > 0))) return
  reply.header("connection", "keep-alive")
  raw.resume()
}
