import type { NextConfig } from "next"

const config: NextConfig = {
  // `npm run check` holds the types, tests included; a start must not depend on them.
  typescript: { ignoreBuildErrors: true },
  poweredByHeader: false,
  reactStrictMode: true,
  // No page uses next/image, so there is no door that fetches and converts pictures for strangers.
  images: { unoptimized: true },
  // These stay plain Node modules: native code, or plugins that look each other up at run time.
  serverExternalPackages: ["better-sqlite3", "postgres", "fastify", "fastify-type-provider-zod", "@fastify/swagger", "@node-rs/argon2"],
}

export default config
