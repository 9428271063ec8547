import type { instances } from "@/db/schema"

export type Instance = typeof instances.$inferSelect
