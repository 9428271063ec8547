import type { versions } from "@/db/schema"

export type Version = typeof versions.$inferSelect
