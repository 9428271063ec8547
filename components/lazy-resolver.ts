"use client"

import type { FieldValues, Resolver } from "react-hook-form"
import type { z } from "zod"

/**
 * Checks a form with the schema the server parses with, fetched when it is first needed: most of a page's scripts would otherwise be
 * the validator. When it cannot be fetched the form goes to the server unchecked, which decides anyway.
 */
export function lazyResolver<T extends FieldValues>(schema: () => Promise<z.ZodType>): Resolver<T> {
  return async (values, context, options) => {
    try {
      const [{ zodResolver }, loaded] = await Promise.all([import("@hookform/resolvers/zod"), schema()])
      const check = zodResolver(loaded as never) as unknown as Resolver<T>
      return await check(values, context, options)
    } catch (error) {
      console.warn("The form is checked by the server alone.", error)
      return { values, errors: {} }
    }
  }
}
