import { z } from "zod"

// Kinds of texts in the JSON of the API, with what its OpenAPI document says of them.

export const uri = z.string().meta({ format: "uri" })
export const moment = z.string().meta({ format: "date-time" })
export const decimal = z.string().regex(/^\d+(\.\d+)?$/)
