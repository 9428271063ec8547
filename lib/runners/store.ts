import { isNull } from "drizzle-orm"

import { read } from "@/db"
import { runners } from "@/db/schema"

/** The architectures of the runners that are in use, as far as they have said. */
export async function listRunnerArchitectures(): Promise<string[]> {
  const rows = await read()
    .selectDistinct({ architecture: runners.architecture })
    .from(runners)
    .where(isNull(runners.revoked_at))
  return rows.flatMap(({ architecture }) => architecture ?? [])
}
