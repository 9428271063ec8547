import "server-only"

import { randomUUID } from "node:crypto"
import type { ServerResponse } from "node:http"
import { headers } from "next/headers"
import { notFound } from "next/navigation"

import { originOf } from "@/lib/origin"
import { Problem } from "@/lib/problem"

/** The result of a verb, or null if it is missing or the viewer may not see it. */
export async function nullIfUnavailable<T>(answer: Promise<T>): Promise<T | null> {
  try {
    return await answer
  } catch (error) {
    if (error instanceof Problem && nothing.has(error.kind)) return null
    throw error
  }
}

/** A page of a list from a cursor of the address; an invalid one leads to the first page. */
export async function pageFrom<T>(list: (from?: string) => Promise<T>, cursor: string | undefined): Promise<T> {
  try {
    return await list(cursor)
  } catch (error) {
    if (error instanceof Problem && error.kind === "invalid") return list()
    throw error
  }
}

/** A bad cursor counts as missing, like what may not be seen. */
const nothing = new Set<Problem["kind"]>(["missing", "forbidden", "invalid"])

type Answering = { getStore(): { response: ServerResponse } | undefined }

const answer = () =>
  (globalThis as Record<symbol, Answering | undefined>)[Symbol.for("understudy.answering")]?.getStore()?.response

/**
 * Clears the browser's cache and drafts of this site, but not its cookies. Browsers honour it over https and on
 * localhost.
 */
export function clearSiteData(): void {
  const response = answer()
  if (response && !response.headersSent) response.setHeader("clear-site-data", '"cache", "storage"')
}

/**
 * Sets the status to 404 and lets the page render. Next's notFound() sends an empty page that only scripts can fill;
 * it remains where server.mjs is not in front.
 */
export function answerNotFound(): void {
  const response = answer()
  if (!response || response.headersSent) notFound()
  response.statusCode = 404
}

/** The origin of this installation, for links and snippets. */
export const currentOrigin = async (): Promise<string> => originOf(await headers())

/** A key that makes the submit of a form idempotent (`runOnce`), new with every response. */
export const newFormKey = async (): Promise<string> => (await headers()).get("x-understudy-form-key") ?? randomUUID()

/** A query parameter as one text; of several, the first counts. */
export function param(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value
}

/** The canonical URL of a page and its alternates, for its metadata. */
export const alternateLinks = (path: string) => {
  const alternate = path === "/" ? "/index" : path
  return { canonical: path, types: { "text/markdown": `${alternate}.md`, "application/json": `${alternate}.json` } }
}
