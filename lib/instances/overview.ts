import { seenAccounts } from "@/lib/access/policy"
import type { Actor } from "@/lib/auth/actor"
import { listLiveOfAccounts } from "./store"

/** An instance that lives, as an overview shows it. */
export type RunningInstance = Awaited<ReturnType<typeof listLiveOfAccounts>>[number]

/** The instances that live now of the models of an actor and of its organizations, the newest first. */
export const listRunningInstances = (actor: Actor, limit = 10): Promise<RunningInstance[]> =>
  listLiveOfAccounts(seenAccounts(actor), limit)
