import { and, desc, eq, gt, isNull, or, sql } from "drizzle-orm"

import { hot, read, write } from "@/db"
import { owners, tokens } from "@/db/schema"

export type Token = typeof tokens.$inferSelect

export async function insertToken(fields: typeof tokens.$inferInsert): Promise<Token> {
  const [token] = await write(async (tx) => tx.insert(tokens).values(fields).returning())
  return token!
}

const usable = hot("token_usable", (db) =>
  db
    .select({
      id: tokens.id,
      scopes: tokens.scopes,
      last_used_at: tokens.last_used_at,
      owner_id: owners.id,
      username: owners.username,
      is_admin: owners.is_admin,
    })
    .from(tokens)
    .innerJoin(owners, eq(owners.id, tokens.owner_id))
    .where(
      and(
        eq(tokens.hash, sql.placeholder("hash")),
        isNull(tokens.revoked_at),
        or(isNull(tokens.expires_at), gt(tokens.expires_at, sql.placeholder("now"))),
        isNull(owners.disabled_at),
      ),
    ))

/** The token of that hash and its account, unless it was revoked, has expired, or the account was disabled. */
export async function findUsableToken(hash: string, now: string) {
  const [row] = await usable().execute({ hash, now })
  return row
}

export async function listTokenRows(owner_id: number): Promise<Token[]> {
  return read()
    .select()
    .from(tokens)
    .where(and(eq(tokens.owner_id, owner_id), isNull(tokens.revoked_at)))
    .orderBy(desc(tokens.id))
}

export async function touchToken(id: number, last_used_at: string): Promise<void> {
  await write(async (tx) => {
    await tx.update(tokens).set({ last_used_at }).where(eq(tokens.id, id))
  })
}

/** False when the owner has no such token in use. */
export async function revokeTokenRow(owner_id: number, id: number, revoked_at: string): Promise<boolean> {
  const revoked = await write(async (tx) =>
    tx
      .update(tokens)
      .set({ revoked_at })
      .where(and(eq(tokens.id, id), eq(tokens.owner_id, owner_id), isNull(tokens.revoked_at)))
      .returning({ id: tokens.id }))
  return revoked.length > 0
}
