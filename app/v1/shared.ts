import type { FastifyInstance } from "fastify"

import { sharedLimiter } from "@/lib/rate-limits/limiter"
import { buildApi } from "./api"

const key = Symbol.for("understudy.api")
const slot = globalThis as typeof globalThis & { [key]?: Promise<FastifyInstance> }

/** The one API of this process, whichever bundle asks for it first. */
export const sharedApi = (): Promise<FastifyInstance> =>
  (slot[key] ??= described(buildApi({ limiter: sharedLimiter() })))

/**
 * Next bundles shapes once more for each page that shows them, and their names are then there twice: so the document is
 * made before any is loaded.
 */
async function described(building: Promise<FastifyInstance>): Promise<FastifyInstance> {
  const api = await building
  api.swagger()
  return api
}
