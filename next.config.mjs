// Plain JavaScript: to read TypeScript, Next would load its compiler at every start and keep its 24 MB in memory.

/** @type {import("next").NextConfig} */
const config = {
  // `npm run check` checks types, including those of tests; a build must not fail because of them.
  typescript: { ignoreBuildErrors: true },
  poweredByHeader: false,
  reactStrictMode: true,
  // No page uses next/image; this disables its endpoint, which fetches and converts images for anybody.
  images: { unoptimized: true },
  // Pages are loaded on their first request, which takes a few tenths of a second longer; starting takes less time, and
  // an idle server 20 MB less memory.
  experimental: { preloadEntriesOnStart: false },
  // Not bundled: native code, plugins that look each other up at run time, and a word list that only the server needs.
  serverExternalPackages: [
    "better-sqlite3",
    "postgres",
    "undici",
    "fastify",
    "fastify-type-provider-zod",
    "@fastify/multipart",
    "@fastify/swagger",
    "@node-rs/argon2",
    "@aws-sdk/client-s3",
    "@zxcvbn-ts/language-common",
  ],
}

export default config
