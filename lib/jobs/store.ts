import { and, eq, gt, isNull, lt, or } from "drizzle-orm"

import { read, write } from "@/db"
import { jobs } from "@/db/schema"

export type JobRow = typeof jobs.$inferSelect

export async function findJob(name: string): Promise<JobRow | undefined> {
  const [job] = await read().select().from(jobs).where(eq(jobs.name, name))
  return job
}

/**
 * The times that decide about a claim. Times later than `latest…` were written before a clock was set back, and count
 * as past.
 */
export type ClaimTimes = { now: string; until: string; latestUntil: string; dueBy: string; latestDue: string }

/**
 * Claims a job that is due and unclaimed; undefined otherwise. With a `dueBy` beyond all times, the job need not be
 * due.
 */
export async function claimJob(name: string, claim: string, times: ClaimTimes): Promise<JobRow | undefined> {
  const { now, until, latestUntil, dueBy, latestDue } = times
  const isFree = or(isNull(jobs.claim), lt(jobs.claimed_until, now), gt(jobs.claimed_until, latestUntil))
  const isDue = or(lt(jobs.due_at, dueBy), gt(jobs.due_at, latestDue))
  const [job] = await write(async (tx) =>
    tx
      .insert(jobs)
      .values({ name, due_at: now, claim, claimed_until: until, failures: 0 })
      .onConflictDoUpdate({ target: jobs.name, set: { claim, claimed_until: until }, setWhere: and(isFree, isDue) })
      .returning(),
  )
  return job
}

/** Updates a job while this claim holds. False when it no longer does. */
export async function updateJob(
  name: string,
  claim: string,
  fields: Partial<Pick<JobRow, "due_at" | "claim" | "claimed_until" | "failures">>,
): Promise<boolean> {
  const rows = await write(async (tx) =>
    tx
      .update(jobs)
      .set(fields)
      .where(and(eq(jobs.name, name), eq(jobs.claim, claim)))
      .returning({ name: jobs.name }),
  )
  return rows.length > 0
}
