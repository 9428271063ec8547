import type { FastifyPluginAsync } from "fastify"

import { withoutScope } from "@/lib/auth/actor"
import { originOf } from "@/lib/origin"
import { authenticateToken } from "@/lib/tokens/token"
import { wholeBody } from "./wire"

/** The endpoints of `cog login`, up to Cog 0.16: where to get a token, and whose token was entered. */
export const cogSignIn: FastifyPluginAsync = async (app) => {
  app.get("/cog/v1/display-token-url", async ({ headers }) => ({ url: `${originOf(headers)}/account/push` }))

  app.post("/cog/v1/verify-token", async ({ raw }, reply) => {
    const token = new URLSearchParams((await wholeBody(raw, 10_000)).toString("utf8")).get("token") ?? ""
    const actor = await authenticateToken(token.trim(), "registry")
    if (!actor) return reply.code(404).send({ detail: "This is not an API token." })
    if (!actor.scopes.includes("push")) return reply.code(403).send({ detail: withoutScope("push") })
    return reply.header("cache-control", "no-store").send({ username: actor.username })
  })
}
