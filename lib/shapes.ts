import { z } from "zod"

// Types of texts in the API's JSON, with their OpenAPI descriptions.

export const uri = z.string().meta({ format: "uri" })
export const moment = z.string().meta({ format: "date-time" })
export const decimal = z.string().regex(/^\d+(\.\d+)?$/)
