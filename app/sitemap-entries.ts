import type { MetadataRoute } from "next"

import { listCollections } from "@/lib/collections/collection"
import { listPublicNames } from "@/lib/models/model"

/** A sitemap may list 50,000 URLs; newest models first. */
const most = 49_000

/** The public pages of the site: fixed ones, collections, models and their owners. */
export async function sitemapEntries(origin: string): Promise<MetadataRoute.Sitemap> {
  const entries: MetadataRoute.Sitemap = ["/", "/explore", "/collections", "/pricing", "/docs/api"].map((path) => ({
    url: origin + path,
  }))
  for (const { slug, updated_at } of (await listCollections(undefined, 1000)).rows)
    entries.push({ url: `${origin}/collections/${slug}`, lastModified: updated_at })
  const owners = new Set<string>()
  let cursor: string | undefined
  do {
    const { rows, next } = await listPublicNames(cursor, 1000)
    for (const { owner, name, updated_at } of rows) {
      owners.add(owner)
      entries.push({ url: `${origin}/${owner}/${name}`, lastModified: updated_at })
    }
    cursor = next ?? undefined
  } while (cursor && entries.length < most - owners.size)
  return [...entries, ...[...owners].map((owner) => ({ url: `${origin}/${owner}` }))].slice(0, 50_000)
}
