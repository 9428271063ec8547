import type { FastifyInstance } from "fastify"

import { sharedLimiter } from "@/lib/rate-limits/limiter"
import { buildApi } from "./api"

const key = Symbol.for("understudy.api")
const slot = globalThis as typeof globalThis & { [key]?: Promise<FastifyInstance> }

/** The one API of this process, whichever bundle asks for it first. */
export const sharedApi = (): Promise<FastifyInstance> => (slot[key] ??= buildApi({ limiter: sharedLimiter() }))
