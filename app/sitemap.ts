import type { MetadataRoute } from "next"

import { siteOrigin } from "@/lib/doors/page"
import { listPublicModels } from "@/lib/models/model"

/** A sitemap may name 50,000 addresses; the newest models come first. */
const most = 49_000

export default async function sitemap(): Promise<MetadataRoute.Sitemap> {
  const origin = await siteOrigin()
  const entries: MetadataRoute.Sitemap = ["/", "/explore", "/pricing", "/docs/api"].map((path) => ({ url: origin + path }))
  const owners = new Set<string>()
  let cursor: string | undefined
  do {
    const { rows, next } = await listPublicModels(cursor, 1000)
    for (const { owner, name, updated_at } of rows) {
      owners.add(owner)
      entries.push({ url: `${origin}/${owner}/${name}`, lastModified: updated_at })
    }
    cursor = next ?? undefined
  } while (cursor && entries.length < most - owners.size)
  return [...entries, ...[...owners].map((owner) => ({ url: `${origin}/${owner}` }))].slice(0, 50_000)
}
