import type { versions } from "@/db/schema"
import type { Form } from "./read-form"

export type Version = Omit<typeof versions.$inferSelect, "form"> & { form: Form | null }
