import { defineConfig } from "drizzle-kit"

const postgres = process.env.DATABASE_URL?.startsWith("postgres") ?? false

export default defineConfig({
  schema: "./db/schema.ts",
  dialect: postgres ? "postgresql" : "sqlite",
  out: postgres ? "./db/migrations/pg" : "./db/migrations/sqlite",
})
