import { z } from "zod"

import { moment } from "@/lib/shapes"
import type { Alias } from "./alias-store"

/** An alias of a version. */
export const AliasBody = z
  .object({ name: z.string(), version: z.string().describe("The ID of the version"), moved_at: moment })
  .meta({ id: "Alias" })
export type AliasBody = z.infer<typeof AliasBody>

export const presentAlias = ({ name, version, moved_at }: Alias): AliasBody => ({ name, version, moved_at })
