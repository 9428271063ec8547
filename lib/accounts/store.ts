import { and, asc, gt, isNull, or } from "drizzle-orm"

import { read } from "@/db"
import { contains } from "@/db/kit"
import { owners } from "@/db/schema"
import type { Account } from "@/lib/owners/owner"

/**
 * Up to `limit + 1` accounts by name, including disabled ones, starting after `after`; only those with `query` in a
 * name, if given.
 */
export async function listAccountsForAdmin(query: string, after: string, limit: number): Promise<Account[]> {
  return read()
    .select()
    .from(owners)
    .where(
      and(
        gt(owners.username, after),
        isNull(owners.deleted_at),
        query ? or(contains(owners.username, query), contains(owners.name, query)) : undefined,
      ),
    )
    .orderBy(asc(owners.username))
    .limit(limit + 1)
}
