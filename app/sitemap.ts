import type { MetadataRoute } from "next"

import { currentOrigin } from "@/lib/next/page"
import { sitemapEntries } from "./sitemap-entries"

export default async function sitemap(): Promise<MetadataRoute.Sitemap> {
  return sitemapEntries(await currentOrigin())
}
