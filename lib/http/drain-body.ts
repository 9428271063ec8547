import type { FastifyReply, FastifyRequest } from "fastify"

/**
 * Clients read a response only after they have sent their whole body, and some ask for the connection to be closed:
 * closed too early, they would never read the error. server.mjs limits how long this takes.
 */
export function drainBody({ raw }: FastifyRequest, reply: FastifyReply): void {
  const { headers } = raw
  if (raw.complete || (headers["transfer-encoding"] === undefined && !(Number(headers["content-length"]) > 0))) return
  reply.header("connection", "keep-alive")
  raw.resume()
}
