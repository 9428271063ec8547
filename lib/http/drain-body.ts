import type { FastifyReply, FastifyRequest } from "fastify"

/**
 * Clients read an answer only after they have sent all they have, and some ask for the connection to be closed with it: closed while they
 * still send, they would never read why they are refused. server.mjs sees to it that this ends.
 */
export function drainBody({ raw }: FastifyRequest, reply: FastifyReply): void {
  const { headers } = raw
  if (raw.complete || (headers["transfer-encoding"] === undefined && !(Number(headers["content-length"]) > 0))) return
  reply.header("connection", "keep-alive")
  raw.resume()
}
