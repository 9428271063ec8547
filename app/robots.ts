import type { MetadataRoute } from "next"

import { currentOrigin } from "@/lib/next/page"

export default async function robots(): Promise<MetadataRoute.Robots> {
  return {
    rules: { userAgent: "*", allow: "/", disallow: ["/account/", "/api/"] },
    sitemap: `${await currentOrigin()}/sitemap.xml`,
  }
}
