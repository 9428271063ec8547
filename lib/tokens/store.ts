import { and, count, desc, eq, gt, isNull, or, sql, type SQL } from "drizzle-orm"

import { preparedQuery, read, write, type Db } from "@/db"
import { owners, tokens } from "@/db/schema"
import { recordEvent, type AuditEvent } from "@/lib/events/record"

export type Token = typeof tokens.$inferSelect

/** Tokens that an account may have: a page lists all of them, so that each can be revoked. */
export const maxTokens = 1000

/** Undefined if the account has as many as it may. */
export async function insertToken(
  tx: Db,
  fields: typeof tokens.$inferInsert,
  event: AuditEvent,
): Promise<Token | undefined> {
  const [{ unrevoked }] = (await tx
    .select({ unrevoked: count() })
    .from(tokens)
    .where(and(eq(tokens.owner_id, fields.owner_id), isNull(tokens.revoked_at)))) as [{ unrevoked: number }]
  if (unrevoked >= maxTokens) return undefined
  const [token] = await tx.insert(tokens).values(fields).returning()
  await recordEvent(tx, event)
  return token!
}

const selectUsable = (db: Db, wanted: SQL) =>
  db
    .select({
      id: tokens.id,
      scopes: tokens.scopes,
      model_id: tokens.model_id,
      last_used_at: tokens.last_used_at,
      owner_id: owners.id,
      username: owners.username,
      is_admin: owners.is_admin,
    })
    .from(tokens)
    .innerJoin(owners, eq(owners.id, tokens.owner_id))
    .where(
      and(
        wanted,
        isNull(tokens.revoked_at),
        or(isNull(tokens.expires_at), gt(tokens.expires_at, sql.placeholder("now"))),
        isNull(owners.disabled_at),
      ),
    )

const usableByHash = preparedQuery("token_usable", (db) => selectUsable(db, eq(tokens.hash, sql.placeholder("hash"))))
const usableById = preparedQuery("token_usable_by_id", (db) => selectUsable(db, eq(tokens.id, sql.placeholder("id"))))

/** The token of a hash and its account, unless it was revoked or has expired, or the account is disabled. */
export async function findUsableToken(hash: string, now: string) {
  const [row] = await usableByHash().execute({ hash, now })
  return row
}

/** The token of an ID and its account, under the same conditions. */
export async function findUsableTokenById(id: number, now: string) {
  const [row] = await usableById().execute({ id, now })
  return row
}

export async function findToken(id: number): Promise<Token | undefined> {
  const [token] = await read().select().from(tokens).where(eq(tokens.id, id))
  return token
}

export async function listTokenRows(owner_id: number): Promise<Token[]> {
  return read()
    .select()
    .from(tokens)
    .where(and(eq(tokens.owner_id, owner_id), isNull(tokens.revoked_at)))
    .orderBy(desc(tokens.id))
}

/** A token of the account that was made for this one model, unless it was revoked or has expired. */
export async function findUsableTokenFor(
  owner_id: number,
  model_id: number,
  now: string,
): Promise<{ id: number } | undefined> {
  const [row] = await read()
    .select({ id: tokens.id })
    .from(tokens)
    .where(
      and(
        eq(tokens.owner_id, owner_id),
        eq(tokens.model_id, model_id),
        isNull(tokens.revoked_at),
        or(isNull(tokens.expires_at), gt(tokens.expires_at, now)),
      ),
    )
    .limit(1)
  return row
}

export async function touchToken(id: number, last_used_at: string): Promise<void> {
  await write(async (tx) => {
    await tx.update(tokens).set({ last_used_at }).where(eq(tokens.id, id))
  })
}

/** False if the account has no such token. The event gets its name. */
export async function revokeTokenRow(
  tx: Db,
  owner_id: number,
  id: number,
  revoked_at: string,
  event: AuditEvent,
): Promise<boolean> {
  const [revoked] = await tx
    .update(tokens)
    .set({ revoked_at })
    .where(and(eq(tokens.id, id), eq(tokens.owner_id, owner_id), isNull(tokens.revoked_at)))
    .returning({ name: tokens.name })
  if (!revoked) return false
  await recordEvent(tx, { ...event, subject: revoked.name })
  return true
}

/**
 * Part of a write that changes an account: ends its own tokens, and those it created for others, or only those for one
 * account.
 */
export async function revokeTokens(
  tx: Db,
  which: { owner_id?: number; issued_by?: number },
  revoked_at: string,
): Promise<void> {
  await tx
    .update(tokens)
    .set({ revoked_at })
    .where(
      and(
        isNull(tokens.revoked_at),
        which.owner_id === undefined ? undefined : eq(tokens.owner_id, which.owner_id),
        which.issued_by === undefined ? undefined : eq(tokens.issued_by, which.issued_by),
      ),
    )
}

/**
 * Part of the write that deletes a model: revokes the tokens made for it. They stay, because audit logs and predictions
 * name them, but without the model, so that they do not stand in the way.
 */
export async function endTokensOfModel(tx: Db, model_id: number, at: string): Promise<void> {
  await tx
    .update(tokens)
    .set({ model_id: null, revoked_at: sql`coalesce(${tokens.revoked_at}, ${at})` })
    .where(eq(tokens.model_id, model_id))
}

/** Part of the write that closes an account: waits for current writes on its behalf. */
export async function waitForTokenWrites(tx: Db, owner_id: number): Promise<void> {
  await tx
    .update(tokens)
    .set({ last_used_at: sql`${tokens.last_used_at}` })
    .where(eq(tokens.owner_id, owner_id))
}
