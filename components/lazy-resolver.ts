"use client"

import type { FieldValues, Resolver } from "react-hook-form"
import type { z } from "zod"

/**
 * Zod tries whether it may make functions out of text. The policy of our pages forbids that, and browsers report every
 * try.
 */
const withoutEval = async () => (await import("zod")).config({ jitless: true })

/**
 * Validates a form with the server's schema, loaded on first use because the validator is most of a page's scripts. If
 * loading fails, the server alone validates.
 */
export function lazyResolver<T extends FieldValues>(schema: () => Promise<z.ZodType>): Resolver<T> {
  return async (values, context, options) => {
    try {
      const [{ zodResolver }, loaded] = await Promise.all([
        import("@hookform/resolvers/zod"),
        withoutEval().then(schema),
      ])
      const check = zodResolver(loaded as never) as unknown as Resolver<T>
      return await check(values, context, options)
    } catch (error) {
      console.warn("Validation in the browser is unavailable; the server validates.", error)
      return { values, errors: {} }
    }
  }
}
