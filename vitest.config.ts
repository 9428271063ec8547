import { globSync } from "node:fs"
import { availableParallelism } from "node:os"
import { fileURLToPath } from "node:url"
import { defineConfig } from "vitest/config"

import { importsDatabase } from "./scripts/imports.mjs"

const root = fileURLToPath(new URL(".", import.meta.url)).slice(0, -1)

/** What says how files are kept, to be said of a bucket as well as of the disk. */
const ofFiles = ["app/v2/*.test.ts", "lib/models/cover.test.ts", "lib/images/*.test.ts", "{app,lib}/files/*.test.ts"]
/** Only a bucket is spoken of. */
const ofBuckets = ["{app,lib,db,scripts}/**/*.s3.test.ts"]

/** About PostgreSQL only. */
const ofPostgres = ["{app,lib,db,scripts}/**/*.postgres.test.ts"]

/** What runs models knows no database. */
const ofRunners = ["lib/{engines,runner}/**/*.test.ts", "lib/bundled/!(publish).test.ts", "lib/bundled/*/*.test.ts"]

const product = ["lib/**/*.test.ts", "db/**/*.test.ts", "app/**/*.test.ts", "components/**/*.test.ts"]

/** What is the same on every database. */
const withoutDatabase = globSync(product, { cwd: root }).filter((file) => !importsDatabase(file))

export default defineConfig({
  resolve: { alias: { "@": root } },
  // As in Next's server bundle, so that "server-only" is content.
  ssr: { resolve: { conditions: ["react-server", "node", "development|production"] } },
  test: {
    pool: "forks",
    // Many tests wait: for processes, containers, deadlines.
    maxWorkers: 2 * availableParallelism(),
    // Loading every package again for every file took six times as long; vitest-fresh-modules.mjs renews our own
    // modules.
    isolate: false,
    // A slow machine is no failure; a test that hangs still ends.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    sequence: { setupFiles: "list" },
    projects: [
      {
        extends: true,
        test: {
          name: "sqlite",
          include: [...product, "scripts/**/*.test.ts", "server/**/*.test.ts", "*.test.ts"],
          exclude: [...ofBuckets, ...ofPostgres],
          env: { DATABASE_URL: "" },
          globalSetup: ["scripts/vitest-bundled.mjs", "scripts/vitest-sqlite.mjs"],
          setupFiles: ["scripts/vitest-fresh-modules.mjs", "lib/test/setup.ts"],
        },
      },
      {
        extends: true,
        test: {
          name: "postgres",
          include: product,
          exclude: [...ofBuckets, ...ofRunners, ...withoutDatabase],
          globalSetup: ["scripts/vitest-bundled.mjs", "scripts/vitest-postgres.mjs"],
          setupFiles: ["scripts/vitest-fresh-modules.mjs", "scripts/vitest-database-url.mjs", "lib/test/setup.ts"],
        },
      },
      {
        extends: true,
        test: {
          name: "s3",
          include: [...ofFiles, ...ofBuckets],
          exclude: ["**/node_modules/**"],
          env: { DATABASE_URL: "" },
          globalSetup: ["scripts/vitest-sqlite.mjs", "scripts/vitest-s3.mjs"],
          setupFiles: ["scripts/vitest-fresh-modules.mjs", "scripts/vitest-bucket.mjs", "lib/test/setup.ts"],
        },
      },
    ],
  },
})
