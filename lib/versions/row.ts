import type { versions } from "@/db/schema"
import type { Form } from "./read-form"

export type Version = Omit<typeof versions.$inferSelect, "form"> & { form: Form | null }

/** A version as in lists, with the size of its schema, which is stored separately. */
export type ListedVersion = Omit<Version, "openapi_schema" | "form" | "labels"> & { schema_bytes: number }
