import { LRUCache } from "lru-cache"

import { parseExactly } from "@/lib/exact-json"
import { seenAccounts } from "@/lib/access/policy"
import type { Actor } from "@/lib/auth/actor"
import { getModel } from "@/lib/models/model"
import { problem } from "@/lib/problem"
import type { Db } from "@/db"
import { isOlderBundle, olderBundle } from "./bundled"
import {
  findLatestRunnable,
  findOpenapi,
  findRunnableByAlias,
  findRunnableById,
  findRunnableByName,
  isRunnable,
  type RunnableVersion,
} from "./reference-store"

export type { RunnableVersion }

/** An owner who gives this name to a version says with it which one the model's own address runs. */
const preferredAlias = "stable"

const id = "[0-9a-f]{64}"
const name = "[^/:@\\s]+"
const forms = new RegExp(
  `^(?:(?<id>${id})|(?<owner>${name})/(?<model>${name})(?::(?<version>${id})|@(?<alias>[\\w.-]{1,128}))?)$`,
)

/**
 * The version that a client names: by its id, as `owner/name:id`, as `owner/name@alias`, or as `owner/name`, which is what the model's own
 * address runs. Throws `noSuchVersion` for one that is not there or not for the actor to see, `unprocessable` for a bundle of an earlier release.
 */
export async function getRunnableVersion(actor: Actor, reference: string): Promise<RunnableVersion> {
  const parts = forms.exec(reference)?.groups
  const sees = seenAccounts(actor)
  const found =
    parts &&
    (parts.id !== undefined
      ? await findRunnableById(parts.id, sees, actor.owner_id)
      : await atName(actor, parts.owner!, parts.model!, (owner, model) =>
          parts.version !== undefined
            ? findRunnableByName(owner, model, parts.version, sees)
            : parts.alias !== undefined
              ? parts.alias === "latest"
                ? // The tag of that name follows it, where there is an image to be tagged.
                  findLatestRunnable(owner, model, sees)
                : findRunnableByAlias(owner, model, parts.alias, sees)
              : preferred(owner, model, sees),
        ))
  if (!found) throw noSuchVersion()
  return requireProgram(found)
}

const requireProgram = (found: RunnableVersion): RunnableVersion => {
  if (isOlderBundle({ ...found, id: found.version })) throw olderBundle(found)
  return found
}

/**
 * What the address of a model runs: the version that its owner named `stable`, or else the latest. Throws what `getModel` throws, and `noSuchVersion` as
 * long as nothing was pushed.
 */
export async function getRunnableModel(actor: Actor, owner: string, name: string): Promise<RunnableVersion> {
  const sees = seenAccounts(actor)
  const found = await preferred(owner, name, sees)
  if (found) return requireProgram(found)
  const model = await getModel(actor, owner, name)
  const moved =
    model.owner === owner && model.name === name ? undefined : await preferred(model.owner, model.name, sees)
  if (!moved) throw problem("noSuchVersion", `${model.owner}/${model.name} has no version yet. Push one first.`)
  return moved
}

const preferred = async (owner: string, name: string, sees: string) =>
  (await findRunnableByAlias(owner, name, preferredAlias, sees)) ?? (await findLatestRunnable(owner, name, sees))

/** What `find` finds under a name, or under the one that the model has had since. */
async function atName(
  actor: Actor,
  owner: string,
  name: string,
  find: (owner: string, name: string) => Promise<RunnableVersion | undefined>,
): Promise<RunnableVersion | undefined> {
  const found = await find(owner, name)
  if (found) return found
  const model = await getModel(actor, owner, name).catch(() => undefined)
  return model && (model.owner !== owner || model.name !== name) ? find(model.owner, model.name) : undefined
}

/** Whether a version is there still and may be run by who sees what is of the accounts in `sees`, within the write that goes by it. */
export const isStillRunnable = (tx: Db, { number }: RunnableVersion, sees: string): Promise<boolean> =>
  isRunnable(tx, number, sees)

export const noSuchVersion = () =>
  problem("noSuchVersion", "The specified version does not exist (or perhaps you don't have permission to use it?)")

/** What a version takes and gives, by its number. It never changes, and reading it takes longer than checking an input against it. */
export async function openapiOf(number: number): Promise<Record<string, unknown> | null> {
  const known = documents.get(number)
  if (known) return known.openapi
  const text = await findOpenapi(number)
  const openapi = text === null ? null : (parseExactly(text) as Record<string, unknown>)
  documents.set(number, { openapi, size: text?.length ?? 1 })
  return openapi
}
const documents = new LRUCache<number, { openapi: Record<string, unknown> | null; size: number }>({
  maxSize: 16 * 1024 * 1024,
  sizeCalculation: ({ size }) => size + 100,
})
