import "server-only"

import { headers } from "next/headers"
import { notFound } from "next/navigation"

import { originOf } from "@/lib/origin"
import { Problem } from "@/lib/problem"

/** The answer of a verb, or the page that says there is nothing here. */
export async function orNotFound<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer
  } catch (error) {
    if (error instanceof Problem && error.kind === "missing") notFound()
    throw error
  }
}

/** Where this instance is reached, for links and snippets. */
export const siteOrigin = async (): Promise<string> => originOf(await headers())

/** A query parameter as one text; of several only the first counts. */
export function param(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value
}
