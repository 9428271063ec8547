"use client"

import type { FieldValues, Resolver } from "react-hook-form"
import type { z } from "zod"

/**
 * Zod checks whether it may compile code from strings. Our Content Security Policy forbids that, and browsers report
 * each attempt.
 */
const withoutEval = async () => (await import("zod")).config({ jitless: true })

/**
 * Validates a form with the server's schema, which is loaded on first use because the validator is larger than the rest
 * of a page's scripts. If loading fails, only the server validates.
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
