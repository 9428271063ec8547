import { and, desc, eq, getTableColumns, gt, inArray, lt, sql } from "drizzle-orm"

import { read, write, type Db } from "@/db"
import { sink_requests, webhook_sinks } from "@/db/schema"

export type Sink = typeof webhook_sinks.$inferSelect
export type SinkRequest = typeof sink_requests.$inferSelect

export async function findSinkOf(owner_id: number, now: string): Promise<Sink | undefined> {
  const [sink] = await read()
    .select()
    .from(webhook_sinks)
    .where(and(eq(webhook_sinks.owner_id, owner_id), gt(webhook_sinks.expires_at, now)))
  return sink
}

export async function findSink(secret: string, now: string): Promise<Sink | undefined> {
  const [sink] = await read()
    .select()
    .from(webhook_sinks)
    .where(and(eq(webhook_sinks.secret, secret), gt(webhook_sinks.expires_at, now)))
  return sink
}

/** The sink of a secret, expired or not. */
export async function findAnySink(secret: string): Promise<Sink | undefined> {
  const [sink] = await read().select().from(webhook_sinks).where(eq(webhook_sinks.secret, secret))
  return sink
}

/** Stores a sink, replacing the previous one and its requests. */
export async function replaceSink(tx: Db, sink: Sink): Promise<void> {
  await tx.delete(webhook_sinks).where(eq(webhook_sinks.owner_id, sink.owner_id))
  await tx.insert(webhook_sinks).values(sink)
}

export async function deleteSinkOf(tx: Db, owner_id: number): Promise<void> {
  await tx.delete(webhook_sinks).where(eq(webhook_sinks.owner_id, owner_id))
}

/** Stores a request, keeping only the newest ones. */
export async function insertRequest(request: Omit<SinkRequest, "id">, most: number): Promise<void> {
  await write(async (tx) => {
    await tx.insert(sink_requests).values(request)
    const old = await tx
      .select({ id: sink_requests.id })
      .from(sink_requests)
      .where(eq(sink_requests.owner_id, request.owner_id))
      .orderBy(desc(sink_requests.id))
      .limit(100)
      .offset(most)
    if (old.length > 0)
      await tx.delete(sink_requests).where(
        inArray(
          sink_requests.id,
          old.map(({ id }) => id),
        ),
      )
  })
}

/** A request with the beginning of its body. */
export type ListedRequest = SinkRequest & { body_length: number }

/** The newest requests with the first characters of their bodies. */
export const listRequests = (owner_id: number, limit: number, characters: number): Promise<ListedRequest[]> =>
  Promise.resolve(
    read()
      .select({
        ...getTableColumns(sink_requests),
        body: sql<string>`substr(${sink_requests.body}, 1, ${characters})`,
        body_length: sql<number>`length(${sink_requests.body})`,
      })
      .from(sink_requests)
      .where(eq(sink_requests.owner_id, owner_id))
      .orderBy(desc(sink_requests.id))
      .limit(limit),
  )

export async function findRequest(owner_id: number, id: number): Promise<SinkRequest | undefined> {
  const [request] = await read()
    .select()
    .from(sink_requests)
    .where(and(eq(sink_requests.owner_id, owner_id), eq(sink_requests.id, id)))
  return request
}

/** Deletes expired sinks with their requests. */
export async function deleteExpiredSinks(now: string): Promise<void> {
  await write(async (tx) => {
    await tx.delete(webhook_sinks).where(lt(webhook_sinks.expires_at, now))
  })
}
