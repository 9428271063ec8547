import type { runners } from "@/db/schema"

export type RunnerRow = typeof runners.$inferSelect
