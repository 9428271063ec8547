import type { predictions } from "@/db/schema"

export type Row = typeof predictions.$inferSelect

/** A prediction with the name of its model, `owner/name`. */
export type Prediction = Row & { model: string }
