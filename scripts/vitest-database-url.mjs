// Points one test file at the run's PostgreSQL, before anything reads DATABASE_URL.
import { inject } from "vitest"

process.env.DATABASE_URL = inject("databaseUrl")
