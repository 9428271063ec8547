import type { IncomingMessage, ServerResponse } from "node:http"

import { getCollection, listCollections } from "@/lib/collections/collection"
import { getCollectionJson } from "@/lib/collections/collection-json"
import { presentCollection } from "@/lib/collections/present"
import { listHardware } from "@/lib/hardware/hardware"
import { presentHardware } from "@/lib/hardware/present"
import { currentOffers } from "@/lib/runners/offers"
import { getModel, listModelsOf, listPublicModels } from "@/lib/models/model"
import { getModelJson, listModelsJsonOf, listPublicModelsJson } from "@/lib/models/model-json"
import { isTooNested } from "@/lib/indentation"
import { pageBytes } from "@/lib/page"
import { getReadme } from "@/lib/models/readme"
import { presentModelSummary } from "@/lib/models/present"
import { originOf } from "@/lib/origin"
import { getAccount } from "@/lib/owners/owner"
import { presentAccount } from "@/lib/owners/present"
import { nullIfNotFound, Problem } from "@/lib/problem"
import {
  collectionInMarkdown,
  collectionsInMarkdown,
  hardwareInMarkdown,
  modelInMarkdown,
  modelsInMarkdown,
  profileInMarkdown,
} from "./markdown"

/** `json` is JSON text. */
type Alternate = { json: () => Promise<string>; markdown: () => Promise<string> }

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

  const body = form === "md" ? await alternate.markdown() : `${indented(await alternate.json())}\n`
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
    if (await nullIfNotFound(getModel(null, owner, whole.slice(owner.length + 1)))) return undefined
    const model = await getModel(null, owner, name)
    return {
      json: () => getModelJson(null, owner, name, origin),
      markdown: async () => modelInMarkdown(presentModelSummary(model, origin), await getReadme(null, owner, name)),
    }
  } catch (error) {
    if (error instanceof Problem && error.kind === "missing") return undefined
    throw error
  }
}

async function collectionAlternate(slug: string, origin: string): Promise<Alternate> {
  const { models, ...collection } = await getCollection(slug)
  return {
    json: () => getCollectionJson(slug, origin),
    markdown: async () =>
      collectionInMarkdown({ ...collection, models: models.map((model) => presentModelSummary(model, origin)) }),
  }
}

async function pageAlternate(name: string, origin: string): Promise<Alternate> {
  if (name === "collections") {
    const collections = (await listCollections()).rows.map(presentCollection)
    return {
      json: async () => JSON.stringify({ collections }),
      markdown: async () => collectionsInMarkdown(collections, origin),
    }
  }
  if (name === "explore" || name === "index")
    return {
      json: async () => `{"models":[${(await listPublicModelsJson(origin)).models}]}`,
      markdown: async () =>
        modelsInMarkdown(
          name === "index" ? "Understudy" : "Explore models",
          (await listPublicModels()).rows.map((model) => presentModelSummary(model, origin)),
          origin,
        ),
    }
  if (name === "pricing") {
    const offers = await currentOffers()
    const hardware = (await listHardware()).map((row) => presentHardware(row, offers.hardware))
    return { json: async () => JSON.stringify({ hardware }), markdown: async () => hardwareInMarkdown(hardware) }
  }
  const account = await getAccount(name)
  return {
    async json() {
      const { models } = await listModelsJsonOf(null, account, origin)
      return `${JSON.stringify(presentAccount(account)).slice(0, -1)},"models":[${models}]}`
    },
    async markdown() {
      const models = (await listModelsOf(null, account)).rows.map((model) => presentModelSummary(model, origin))
      return profileInMarkdown(presentAccount(account), models)
    },
  }
}

/** Indents JSON, unless it is nested so deeply that most of the result would be indentation. */
function indented(json: string): string {
  if (isTooNested(json)) return json
  const text = JSON.stringify(JSON.parse(json), null, 2)
  return text.length <= 2 * pageBytes ? text : json
}
