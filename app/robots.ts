import type { MetadataRoute } from "next"

import { siteOrigin } from "@/lib/next/page"

export default async function robots(): Promise<MetadataRoute.Robots> {
  return {
    rules: { userAgent: "*", allow: "/", disallow: ["/account/", "/api/"] },
    sitemap: `${await siteOrigin()}/sitemap.xml`,
  }
}
