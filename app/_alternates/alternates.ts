import type { IncomingMessage, ServerResponse } from "node:http"

import { getCollection, listCollections } from "@/lib/collections/collection"
import { presentCollection, presentWholeCollection } from "@/lib/collections/present"
import { listHardware } from "@/lib/hardware/hardware"
import { presentHardware } from "@/lib/hardware/present"
import { getModel, listModelsOf, listPublicModels } from "@/lib/models/model"
import { getReadme } from "@/lib/models/readme"
import { presentModel } from "@/lib/models/present"
import { originOf } from "@/lib/origin"
import { getAccount } from "@/lib/owners/owner"
import { presentAccount } from "@/lib/owners/present"
import { Problem } from "@/lib/problem"
import {
  collectionInMarkdown,
  collectionsInMarkdown,
  hardwareInMarkdown,
  modelInMarkdown,
  modelsInMarkdown,
  profileInMarkdown,
} from "./markdown"

type Alternate = { json: unknown; markdown: () => string }

const types = { md: "text/markdown; charset=utf-8", json: "application/json; charset=utf-8" }

/**
 * Serves `/page.md` and `/page.json`: the content of a public page, for programs. It shows what an anonymous visitor
 * may see. False when there is no such alternate; the page of exactly that name answers then.
 */
export async function answerAlternate(request: IncomingMessage, response: ServerResponse): Promise<boolean> {
  if (request.method !== "GET" && request.method !== "HEAD") return false
  const [, path, form] = /^\/((?:[\w.-]+\/)?[\w.-]+)\.(md|json)$/.exec(request.url!.split("?", 1)[0]!) ?? []
  if (path === undefined) return false
  const alternate = await alternateOf(path, `${path}.${form}`, originOf(request.headers))
  if (!alternate) return false

  const body = form === "md" ? alternate.markdown() : `${JSON.stringify(alternate.json, null, 2)}\n`
  response.setHeader("content-type", types[form as keyof typeof types])
  response.setHeader("cache-control", "private, no-cache")
  response.end(request.method === "HEAD" ? undefined : body)
  return true
}

async function alternateOf(path: string, whole: string, origin: string): Promise<Alternate | undefined> {
  try {
    const [owner, name] = path.split("/") as [string, string | undefined]
    if (name === undefined) return await pageAlternate(owner, origin)
    if (owner === "collections") return await collectionAlternate(name, origin)
    // A model may be named `notes.md`; that address is its page.
    if (await findVisibleModel(owner, whole.slice(owner.length + 1))) return undefined
    const model = presentModel(await getModel(null, owner, name), origin)
    const readme = await getReadme(null, owner, name)
    return { json: model, markdown: () => modelInMarkdown(model, readme) }
  } catch (error) {
    if (error instanceof Problem && error.kind === "missing") return undefined
    throw error
  }
}

async function collectionAlternate(slug: string, origin: string): Promise<Alternate> {
  const collection = presentWholeCollection(await getCollection(slug), origin)
  return { json: collection, markdown: () => collectionInMarkdown(collection) }
}

async function pageAlternate(name: string, origin: string): Promise<Alternate> {
  if (name === "collections") {
    const collections = (await listCollections()).rows.map(presentCollection)
    return { json: { collections }, markdown: () => collectionsInMarkdown(collections, origin) }
  }
  if (name === "explore" || name === "index") {
    const { rows } = await listPublicModels()
    const models = rows.map((model) => presentModel(model, origin))
    return {
      json: { models },
      markdown: () => modelsInMarkdown(name === "index" ? "Understudy" : "Explore models", models, origin),
    }
  }
  if (name === "pricing") {
    const hardware = (await listHardware()).map(presentHardware)
    return { json: { hardware }, markdown: () => hardwareInMarkdown(hardware) }
  }
  const account = await getAccount(name)
  const models = (await listModelsOf(null, account)).rows.map((model) => presentModel(model, origin))
  return {
    json: { ...presentAccount(account), models },
    markdown: () => profileInMarkdown(presentAccount(account), models),
  }
}

async function findVisibleModel(owner: string, name: string) {
  try {
    return await getModel(null, owner, name)
  } catch (error) {
    if (error instanceof Problem && error.kind === "missing") return undefined
    throw error
  }
}
