import { fileURLToPath } from "node:url"
import { defineConfig } from "vitest/config"

const root = fileURLToPath(new URL(".", import.meta.url)).slice(0, -1)

const product = ["lib/**/*.test.ts", "db/**/*.test.ts", "app/**/*.test.ts", "components/**/*.test.ts"]

export default defineConfig({
  resolve: { alias: { "@": root } },
  // As in Next's server bundle, so that "server-only" is content.
  ssr: { resolve: { conditions: ["react-server", "module", "node", "development|production"] } },
  test: {
    pool: "forks",
    maxWorkers: "100%",
    // Loading every package again for every file took six times as long; vitest-fresh-modules.mjs renews our own modules.
    isolate: false,
    // A slow machine is no failure; a test that hangs still ends.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    sequence: { setupFiles: "list" },
    projects: [
      {
        extends: true,
        test: {
          name: "sqlite",
          include: [...product, "scripts/**/*.test.ts", "server/**/*.test.ts", "*.test.ts"],
          env: { DATABASE_URL: "" },
          setupFiles: ["scripts/vitest-fresh-modules.mjs", "lib/test/setup.ts"],
        },
      },
      {
        extends: true,
        test: {
          name: "postgres",
          include: product,
          globalSetup: ["scripts/vitest-postgres.mjs"],
          setupFiles: ["scripts/vitest-fresh-modules.mjs", "scripts/vitest-database-url.mjs", "lib/test/setup.ts"],
        },
      },
    ],
  },
})
