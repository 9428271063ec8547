import { visibleAccountIds } from "@/lib/access/policy"
import type { Actor } from "@/lib/auth/actor"
import { listLiveOfAccounts } from "./store"

/** A live instance as shown in overviews. */
export type RunningInstance = Awaited<ReturnType<typeof listLiveOfAccounts>>[number]

/** Live instances of the models of an actor and its organizations, newest first. */
export const listRunningInstances = (actor: Actor, limit = 10): Promise<RunningInstance[]> =>
  listLiveOfAccounts(visibleAccountIds(actor), limit)
