import { detailFields, type DetailField } from "@/lib/models/fields"
import type { Model } from "@/lib/models/model"

/** The values of the details form. */
export const detailsOf = (model: Model) =>
  Object.fromEntries(detailFields.map((field) => [field, model[field] ?? ""])) as Record<DetailField, string>
