import { asc } from "drizzle-orm"

import { hot } from "@/db"
import { hardware } from "@/db/schema"

export type Hardware = typeof hardware.$inferSelect

const everyRow = hot("hardware_all", (db) => db.select().from(hardware).orderBy(asc(hardware.sort), asc(hardware.sku)))

export const listHardwareRows = async (): Promise<Hardware[]> => everyRow().execute()
