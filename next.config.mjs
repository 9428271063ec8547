// Plain JavaScript, because Next would load its compiler to read TypeScript at every start: 24 MB that are never used
// again.

/** @type {import("next").NextConfig} */
const config = {
  // `npm run check` holds the types, tests included; a start must not depend on them.
  typescript: { ignoreBuildErrors: true },
  poweredByHeader: false,
  reactStrictMode: true,
  // No page uses next/image, so no endpoint fetches and converts images for strangers.
  images: { unoptimized: true },
  // Pages are loaded when they are first asked for: 20 MB less at rest and a shorter start, for a few tenths of a
  // second of the first visitor's.
  experimental: { preloadEntriesOnStart: false },
  // These stay plain Node modules: native code, plugins that look each other up at run time, or a list that is not for
  // browsers.
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
