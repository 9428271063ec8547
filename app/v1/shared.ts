import type { FastifyInstance } from "fastify"

import { sharedLimiter } from "@/lib/rate-limits/limiter"
import { buildApi } from "./api"

const key = Symbol.for("understudy.api")
const slot = globalThis as typeof globalThis & { [key]?: Promise<FastifyInstance> }

/** The API of this process, shared by all of Next's bundles. */
export const sharedApi = (): Promise<FastifyInstance> =>
  (slot[key] ??= described(buildApi({ limiter: sharedLimiter() })))

/**
 * Generates the OpenAPI document before any page is loaded: Next bundles the schemas again for each page that shows
 * them, and their names would then be registered twice.
 */
async function described(building: Promise<FastifyInstance>): Promise<FastifyInstance> {
  const api = await building
  api.swagger()
  return api
}
