import type { FastifyInstance } from "fastify"

import { sharedLimiter } from "@/lib/rate-limits/limiter"
import { buildRegistry } from "./registry"

const key = Symbol.for("understudy.registry")
const slot = globalThis as typeof globalThis & { [key]?: Promise<FastifyInstance> }

/** The registry of this process, shared by all of Next's bundles. */
export const sharedRegistry = (): Promise<FastifyInstance> =>
  (slot[key] ??= buildRegistry({ limiter: sharedLimiter() }))
