import type { versions } from "@/db/schema"
import type { Form } from "./read-form"

export type Version = Omit<typeof versions.$inferSelect, "form"> & { form: Form | null }

/** A version as lists show it, and how large its schema is, which is kept apart. */
export type ListedVersion = Omit<Version, "openapi_schema" | "form" | "labels"> & { schema_bytes: number }
