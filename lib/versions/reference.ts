import { LRUCache } from "lru-cache"

import { parseExactly } from "@/lib/exact-json"
import { visibleAccountIds } from "@/lib/access/policy"
import type { Actor } from "@/lib/auth/actor"
import { getModel } from "@/lib/models/model"
import { problem } from "@/lib/problem"
import { databaseHandle, type Db, type DatabaseHandle } from "@/db"
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

/** The alias that selects which version `owner/name` runs. */
const preferredAlias = "stable"

const id = "[0-9a-f]{64}"
const name = "[^/:@\\s]+"
const forms = new RegExp(
  `^(?:(?<id>${id})|(?<owner>${name})/(?<model>${name})(?::(?<version>${id})|@(?<alias>[\\w.-]{1,128}))?)$`,
)

/**
 * Resolves a version reference: an ID, `owner/name:id`, `owner/name@alias`, or `owner/name` for the model's default
 * version. Throws `noSuchVersion` if it does not exist or the actor may not see it, `unprocessable` for a bundle of an
 * earlier release.
 */
export async function getRunnableVersion(actor: Actor, reference: string): Promise<RunnableVersion> {
  const parts = forms.exec(reference)?.groups
  const sees = visibleAccountIds(actor)
  const found =
    parts &&
    (parts.id !== undefined
      ? await findRunnableById(parts.id, sees, actor.owner_id)
      : await atName(actor, parts.owner!, parts.model!, (owner, model) =>
          parts.version !== undefined
            ? findRunnableByName(owner, model, parts.version, sees)
            : parts.alias !== undefined
              ? parts.alias === "latest"
                ? // The tag `latest` names the latest version, but only if that has an image.
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
 * The default version of a model: the one with the alias `stable`, otherwise the latest. Throws what `getModel` throws,
 * and `noSuchVersion` for a model without versions.
 */
export async function getRunnableModel(actor: Actor, owner: string, name: string): Promise<RunnableVersion> {
  const sees = visibleAccountIds(actor)
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

/** The result of `find` for a model's name, or for its current name after a rename. */
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

/**
 * Whether a version still exists and may be run with access to the accounts in `sees`, within the write that depends on
 * it.
 */
export const isStillRunnable = (tx: Db, { number }: RunnableVersion, sees: string): Promise<boolean> =>
  isRunnable(tx, number, sees)

export const noSuchVersion = () =>
  problem("noSuchVersion", "The specified version does not exist (or perhaps you don't have permission to use it?)")

/**
 * The OpenAPI schema of a version, by its number; cached, because it never changes and parsing it costs more than a
 * check.
 */
export async function openapiOf(number: number): Promise<Record<string, unknown> | null> {
  const documents = documentsOf(databaseHandle())
  const known = documents.get(number)
  if (known) return known.openapi
  const text = await findOpenapi(number)
  const openapi = text === null ? null : (parseExactly(text) as Record<string, unknown>)
  documents.set(number, { openapi, size: text?.length ?? 1 })
  return openapi
}

type Documents = LRUCache<number, { openapi: Record<string, unknown> | null; size: number }>
const documentsByDatabase = new WeakMap<DatabaseHandle, Documents>()

/** Version numbers are valid in one database only. */
function documentsOf(database: DatabaseHandle): Documents {
  const known = documentsByDatabase.get(database)
  if (known) return known
  const documents: Documents = new LRUCache({ maxSize: 16 * 1024 * 1024, sizeCalculation: ({ size }) => size + 100 })
  documentsByDatabase.set(database, documents)
  return documents
}
