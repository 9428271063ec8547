import "server-only"

import type { ServerResponse } from "node:http"
import { headers } from "next/headers"
import { notFound } from "next/navigation"

import { originOf } from "@/lib/origin"
import { Problem } from "@/lib/problem"

/** The answer of a verb, or null for what is not there or not the viewer's to see. */
export async function nullIfMissing<T>(answer: Promise<T>): Promise<T | null> {
  try {
    return await answer
  } catch (error) {
    if (error instanceof Problem && nothing.has(error.kind)) return null
    throw error
  }
}

/** An address with a bad cursor leads nowhere, like one that may not be seen. */
const nothing = new Set<Problem["kind"]>(["missing", "forbidden", "invalid"])

type Answering = { getStore(): { response: ServerResponse } | undefined }

const answer = () =>
  (globalThis as Record<symbol, Answering | undefined>)[Symbol.for("understudy.answering")]?.getStore()?.response

/** Has the browser forget what it kept of this site besides cookies: answers in its cache, and drafts. It listens over https and on localhost. */
export function clearSiteData(): void {
  const response = answer()
  if (response && !response.headersSent) response.setHeader("clear-site-data", '"cache", "storage"')
}

/**
 * Makes the answer a 404 while the page goes on to show what it has to say. Next's own notFound() sends an empty page that only
 * scripts can fill; it stays the way out where server.mjs is not in front.
 */
export function answerNotFound(): void {
  const response = answer()
  if (!response || response.headersSent) notFound()
  response.statusCode = 404
}

/** Where this instance is reached, for links and snippets. */
export const siteOrigin = async (): Promise<string> => originOf(await headers())

/** A query parameter as one text; of several only the first counts. */
export function param(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value
}

/** The address of a page and of its alternates for programs, for the head of the page. */
export const alternateLinks = (path: string) => {
  const alternate = path === "/" ? "/index" : path
  return { canonical: path, types: { "text/markdown": `${alternate}.md`, "application/json": `${alternate}.json` } }
}
